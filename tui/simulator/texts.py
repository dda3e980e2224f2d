"""The words that the played answers are made of: everyday, awkward, and hostile ones."""

import json
from functools import cache

SENTENCES = (
    "The customer describes a charge that appears twice on the November statement.",
    "Both entries carry the same reference, so the second one is most likely a retry of the first.",
    "Nothing in the message suggests that the account itself has been misused.",
    "A refund of the later charge, together with a short apology, would settle the matter.",
    "The invoice shows the old registration number although the profile was updated in spring.",
    "It is worth checking whether the address on file still belongs to the head office.",
    "The tone is polite but impatient; this is the third message in four days.",
    "The attached log points to a certificate that expired during the night.",
    "Renewing it and restarting the gateway should bring the connection back.",
    "Two of the five questions remain open until the supplier answers.",
    "The clause limits liability to the fees of the last twelve months.",
    "An exception applies to damage caused deliberately or by gross negligence.",
    "The tenant may end the agreement with three months' notice to the end of a quarter.",
    "Sales in the north rose slightly while returns stayed where they were.",
    "The review praises the screen and the keyboard and complains about the fan.",
    "Overall the sentiment is mixed, leaning towards positive.",
    "The function reads the file twice, which explains the time it takes on large inputs.",
    "A single pass with a buffer would need half the memory and keep the order.",
    "No translation was provided for the last two paragraphs.",
    "The request falls outside the warranty, but a goodwill repair has been granted before.",
)

EXTRAS = (
    "\n\n**Next steps**\n\n1. Confirm the reference with the payment provider.\n2. Reverse the later entry.\n"
    "3. Tell the customer when to expect the money.",
    '\n\n> "I would like to hear from a person, not from a form."\n\nThat sentence deserves a direct reply.',
    "\n\n| field | value |\n|---|---|\n| priority | high |\n| team | payments |\n| language | English |",
    "\n\n```python\ndef total(lines):\n    return sum(line.amount for line in lines)\n```",
)

UNICODE = (
    "Größe, naïveté, Łódź, İstanbul, Ελλάδα, Привет, 日本語のテキスト、한국어, हिन्दी, ไทย.",
    "Family: 👩‍👩‍👧‍👦, flag: 🇳🇿, thumbs: 👍🏽, keycap: 3️⃣, wide: ＡＢＣ, combining: Z͑ͫ̓a̴l̕g̵o̧.",
    "Spaces\u00a0of\u2003every\u200bkind, a line\u2028separator, a soft\u00adhyphen, a BOM\ufeff.",
    "Mathematics: ∀x∈ℝ, x²≥0; 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 beyond the basic plane: 𠜎𠜱𠝹; a lonely accent: \u0301.",
)

RIGHT_TO_LEFT = (
    "العميل يطلب استرداد مبلغ 49.90 يورو، ورقم الطلب هو ORD-2231.",
    "הלקוח מבקש החזר עבור הזמנה מספר 5512 (שולם פעמיים).",
    "متن فارسی با عدد ۱۲۳ و English words در میان آن.",
)

HOSTILE = (
    "\x1b[2J\x1b[H\x1b[31mYour session has expired\x1b[0m",
    "copy \x1b]52;c;cm0gLXJmIH4=\x07 title \x1b]0;owned\x07 "
    "link \x1b]8;;https://example.invalid\x1b\\here\x1b]8;;\x1b\\",
    "C1: \x9b31mred\x9d0;title\x9c and \x90q\x9c, NUL: \x00, DEL: \x7f, "
    "backspaces: harmless\x08\x08\x08\x08\x08\x08\x08\x08rm -rf",
    "bidi: user\u202etxt.exe\u202c, isolate \u2066\u2067nested\u2069, mark \u200f, override \u202dleft\u202c",
    "markup: [/foo] [bold]not bold[/bold] [@click=app.quit]press me[/] [link=file:///etc]x[/link] [[ ]] [/",
    "\r\noverwritten\rOVER\x0b\x0c tabs\tand\x85next line\u2029paragraph",
    '$(touch /tmp/x) `id` ${HOME} %s %n {0} {{7*7}} <script>x()</script> =HYPERLINK("x") @SUM(1) +1 -1',
)

LABELS = ("billing", "access", "shipping", "refund", "positive", "negative", "mixed", "yes", "no", "B")


def quoted(text: str) -> str:
    """Escape text for use inside a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


@cache
def paragraphs() -> tuple[str, ...]:
    """Escaped texts of many lengths, made once: joining sentences for every line would be slow."""
    count = len(SENTENCES)
    made = []
    for number in range(160):
        length = 2 + number * 7 % 15
        chosen = [SENTENCES[(number * 3 + place * (1 + 2 * (number % 4))) % count] for place in range(length)]
        if length > 6:
            chosen.insert(length // 2, "\n\n")
        extra = EXTRAS[number % len(EXTRAS)] if number % 5 == 0 else ""
        made.append(quoted(" ".join(chosen).replace(" \n\n ", "\n\n") + extra))
    return tuple(made)


@cache
def objects() -> tuple[str, ...]:
    """JSON objects as text, not yet escaped, compact for every second one and indented otherwise."""
    made = []
    for number in range(48):
        value = {
            "category": LABELS[number % 4],
            "priority": 1 + number % 5,
            "confidence": round(0.5 + number / 100, 2),
            "needs_human": number % 3 == 0,
            "summary": SENTENCES[number % len(SENTENCES)],
            "entities": [{"type": "order", "value": f"ORD-{2200 + number}"}, {"type": "date", "value": None}],
            "reasons": list(SENTENCES[number % 7 : number % 7 + 1 + number % 4]),
        }
        made.append(json.dumps(value, indent=None if number % 2 else 2, ensure_ascii=False))
    return tuple(made)
