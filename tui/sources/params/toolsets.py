"""The toolsets: one entry of `tools` that stands for many."""

from __future__ import annotations

from .parts import Marked, Part


class Member(Part):
    """One tool of a toolset."""

    defer_loading: bool | None = None
    enabled: bool | None = None


class BrowserMembers(Part):
    """What can be done in a browser."""

    close_tab: Member | None = None
    double_click: Member | None = None
    file_upload: Member | None = None
    find: Member | None = None
    form_input: Member | None = None
    get_page_text: Member | None = None
    hold_key: Member | None = None
    hover: Member | None = None
    javascript_exec: Member | None = None
    key: Member | None = None
    left_click: Member | None = None
    left_click_drag: Member | None = None
    left_mouse_down: Member | None = None
    left_mouse_up: Member | None = None
    list_tabs: Member | None = None
    middle_click: Member | None = None
    mouse_move: Member | None = None
    navigate: Member | None = None
    new_tab: Member | None = None
    read_console: Member | None = None
    read_network: Member | None = None
    read_page: Member | None = None
    right_click: Member | None = None
    screenshot: Member | None = None
    scroll: Member | None = None
    scroll_to: Member | None = None
    switch_tab: Member | None = None
    triple_click: Member | None = None
    type: Member | None = None
    wait: Member | None = None
    zoom: Member | None = None


class BrowserToolset20260801(Marked, tag="browser_toolset_20260801"):
    """A browser."""

    configs: BrowserMembers | None = None


class ComputerMembers(Part):
    """What can be done with a screen, a mouse and a keyboard."""

    cursor_position: Member | None = None
    double_click: Member | None = None
    hold_key: Member | None = None
    key: Member | None = None
    left_click: Member | None = None
    left_click_drag: Member | None = None
    left_mouse_down: Member | None = None
    left_mouse_up: Member | None = None
    middle_click: Member | None = None
    mouse_move: Member | None = None
    right_click: Member | None = None
    screenshot: Member | None = None
    scroll: Member | None = None
    triple_click: Member | None = None
    type: Member | None = None
    wait: Member | None = None
    zoom: Member | None = None


class ComputerToolset20260801(Marked, tag="computer_toolset_20260801"):
    """A computer."""

    configs: ComputerMembers | None = None
