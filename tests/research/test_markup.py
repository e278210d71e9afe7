"""Nothing that is put into a page can break it."""

from veracity.research.markup import Markup, el, join


def test_text_and_attributes_are_escaped() -> None:
    made = el("p", "<script>alert(1)</script> & more", title='"><img>')
    assert made == '<p title="&quot;&gt;&lt;img&gt;">&lt;script&gt;alert(1)&lt;/script&gt; &amp; more</p>'


def test_markup_is_not_escaped_again() -> None:
    assert el("div", el("b", "1 < 2"), ["x", [el("i", "y")], None]) == "<div><b>1 &lt; 2</b>x<i>y</i></div>"


def test_attribute_names_follow_html() -> None:
    assert el("th", "x", class_="a", aria_label="b", hidden=True, scope=None, lang=False) == (
        '<th class="a" aria-label="b" hidden>x</th>'
    )


def test_void_tags_have_no_end() -> None:
    assert el("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_what_is_joined_is_markup() -> None:
    assert isinstance(join(["<", Markup("<b>")]), Markup)
    assert join(["<", Markup("<b>")]) == "&lt;<b>"
