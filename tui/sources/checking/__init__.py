"""What is wrong with requests: most are seen to be good at a glance, the rest are looked at by the rules."""
