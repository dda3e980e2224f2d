"""Jinja2 within bounds: no template can run on, fill the memory, reach out, or say something else next time.

Its own sandbox keeps templates from what is private. What it allows can still take for ever: loops in loops,
texts doubled again and again, widths of a thousand million. So loops, calls and filters are paid for here,
and only such filters and methods are there whose results follow from what they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import SecurityError, TemplateRuntimeError, TemplateSyntaxError, UndefinedError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment, safe_range
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer

from .template_bounds import Meter, joined, power_size, product_size, text_of
from .template_filters import BUILT, JOINED, LOOP, READ, all_of, formatted, read, replaced

MOST_NODES = 20_000
"""Parts of one template: compiling more would itself take long."""

_NODES: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.For,
    nodes.If,
    nodes.Assign,
    nodes.With,
    nodes.Helper,
    nodes.Literal,
    nodes.BinExpr,
    nodes.UnaryExpr,
    nodes.Name,
    nodes.CondExpr,
    nodes.Filter,
    nodes.Test,
    nodes.Call,
    nodes.Getitem,
    nodes.Getattr,
    nodes.Slice,
    nodes.Concat,
    nodes.Compare,
)
"""What a prompt needs. Macros, blocks of text as values, inheritance and includes are not among it."""

_METHODS = """
capitalize casefold count endswith find index isalnum isalpha isdecimal isdigit islower isnumeric isspace
istitle isupper join lower lstrip partition removeprefix removesuffix replace rfind rindex rpartition rsplit
rstrip split splitlines startswith strip swapcase title upper get items keys values cycle changed
"""
"""Of texts, lists, objects and `loop`. Those that pad to a width or fill in a format are not among them."""

_is_method = frozenset(_METHODS.split()).__contains__


class Absent(UndefinedError):
    """A template asks for what is not there; `within` is what was searched, None for the columns."""

    def __init__(self, within: object, name: object, message: str | None = None) -> None:
        super().__init__(message)
        self.within = within
        self.name = name


class _Undefined(StrictUndefined):
    """A missing value that remembers what it is when somebody uses it."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: type[TemplateRuntimeError] = UndefinedError,
    ) -> None:
        raised = partial(Absent, None if obj is missing else obj, name) if exc is UndefinedError else exc
        super().__init__(hint, obj, name, raised)  # type: ignore[arg-type]


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of one template; not for two threads at once."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        self.meter = Meter()
        super().__init__(
            undefined=_Undefined,
            finalize=partial(text_of, self.meter),
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,  # what is constant would be calculated while it is compiled, and unpaid
        )
        self.globals = {"range": self._range}
        self.filters = all_of(self.meter)
        self.tests["in"] = lambda value, within: value in read(self.meter, within)

    def compiled(self, source: str) -> tuple[Template, frozenset[str]]:
        """The template, and the names it uses. Raises TemplateSyntaxError, and what compilers raise."""
        tree = self.parse(source)
        _allow(tree)
        used = {each.name for each in tree.find_all(nodes.Name) if each.ctx == "load"} - {"loop", "range"}
        code = self.compile(_Metered().visit(tree))
        return self.template_class.from_code(self, code, self.globals), frozenset(used)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a method, or `range`, if its result cannot be too large."""
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        if isinstance(owner, str) and name in ("join", "replace"):
            return self._made_of_texts(owner, name, *args)
        self.meter.take(owner)
        return self.meter.made(super().call(context, obj, *args, **kwargs))

    def _made_of_texts(self, owner: str, name: str, *args: Any) -> str:
        if name == "replace":
            return replaced(self.meter, owner, *args)
        return joined(self.meter, owner, *args)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate, if the result cannot be too large."""
        if operator == "*":
            self.meter.allow(product_size(left, right))
        elif operator == "**":
            self.meter.allow(power_size(left, right))
        elif operator == "%" and isinstance(left, str):
            return formatted(self.meter, left, right)
        return self.meter.made(super().call_binop(context, operator, left, right))

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`customer.items` is the field of that name, where there is one."""
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`row["items"]` is never a method."""
        if isinstance(argument, slice):
            self.meter.take(obj)
        elif isinstance(obj, Mapping):
            return obj[argument] if argument in obj else self.undefined(obj=obj, name=argument)
        return super().getitem(obj, argument)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may have it: of what can be called, only methods known to be harmless."""
        if callable(value) and not _is_method(attr):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Not needed: `format` is no method that a template may have."""
        return None

    def unsafe_undefined(self, obj: Any, attribute: str) -> Any:
        """What stands for an attribute that a template may not have."""
        hint = f"“{attribute}” is not possible in a template"
        return self.undefined(hint, name=attribute, obj=obj, exc=SecurityError)

    def _range(self, *args: int) -> range:
        return safe_range(*args)


class _Metered(NodeTransformer):
    """Sends what Jinja does by itself through filters that pay for it."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = _filtered(node.iter, LOOP, node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return _filtered(nodes.Tuple(node.nodes, "load", lineno=node.lineno), JOINED, node.lineno)

    def visit_Operand(self, node: nodes.Operand) -> nodes.Node:
        self.generic_visit(node)
        if node.op in ("in", "notin"):
            node.expr = _filtered(node.expr, READ, node.lineno)
        return node

    def visit_List(self, node: nodes.List | nodes.Tuple | nodes.Dict) -> nodes.Node:
        self.generic_visit(node)
        is_target = isinstance(node, nodes.Tuple) and node.ctx == "store"
        return node if is_target else _filtered(node, BUILT, node.lineno)

    visit_Tuple = visit_Dict = visit_List


def _filtered(value: nodes.Node, name: str, line: int) -> nodes.Filter:
    return nodes.Filter(value, name, [], [], None, None, lineno=line)


def _allow(tree: nodes.Template) -> None:
    """Raise TemplateSyntaxError where a template is more than a prompt needs."""
    for number, node in enumerate(tree.find_all(nodes.Node)):
        line = node.lineno or 1
        if number > MOST_NODES:
            raise TemplateSyntaxError("it is too long", line)
        if not isinstance(node, _NODES):
            raise TemplateSyntaxError(f"“{type(node).__name__.lower()}” is not possible here", line)
        if isinstance(node, nodes.For) and node.recursive:
            raise TemplateSyntaxError("“recursive” is not possible here", line)
        if isinstance(node, nodes.Name) and node.name == "self":
            raise TemplateSyntaxError('a column “self” is written row["self"]', line)
