"""Two hundred texts that a person could type, each meant to do something to a PDF other than be read."""

_FILE, _SITE = "file:///etc/passwd", "http://127.0.0.1:9"

_MARKUP = [
    f'<{tag} {name}="{address}">'
    for tag, name in (
        ("img", "src"), ("link rel=attachment", "href"), ("link rel=stylesheet", "href"), ("object", "data"),
        ("embed", "src"), ("iframe", "src"), ("script", "src"), ("a", "href"), ("base", "href"), ("video", "poster"),
        ("input type=image", "src"), ("svg><image", "xlink:href"), ("svg><use", "href"), ("body", "background"),
    )
    for address in (_FILE, _SITE, "data:text/html,x", "app:sans.ttf")
]  # fmt: skip
_BREAKS_OUT = [
    "</p></td></tr></tbody></table></main></body></html>", "</style><style>*{display:none}</style>", "</title>x",
    "<h1>One</h1><h4>Four</h4>", "<table><tr><th>x</th></tr></table>", "<ul><li>x", "<p lang='zz'>x</p>", "<!-- x",
    "<![CDATA[x]]>", "<?xml version='1.0'?>", "&lt;b&gt; &amp;amp; &#60;i&#62; &nbsp;", "&#0; &#xD800; &#x10FFFF;",
    "<svg><title></title></svg>", "<math><mi>x</mi></math>", "<form><input name=x></form>", "<bdi dir=rtl>",
    "\"><b x='", "<span style='position:fixed;top:0'>x</span>", "<div style='page-break-before:always'>x</div>",
    "<h2></h2>",
]  # fmt: skip
_STYLES = [
    f"@import url({_SITE}/x.css);", f"url({_FILE})", "} @page { margin: 0 } {", "content: counter(page)",
    "font: 1px Missing", "position: running(x)", "bookmark-level: 1", "string-set: x attr(y)", "width: 1e9px",
    "\\0000ff \\a", "expression(alert(1))", "--x: var(--x)",
]  # fmt: skip
_PDF_SYNTAX = [
    ") Tj ET Q EMC endstream endobj", "<</S/JavaScript/JS(app.alert(1))>>", "1 0 obj<</OpenAction 2 0 R>>endobj",
    "(unclosed \\", "%PDF-1.7\n%%EOF", "<FEFF0041>", "<< /ActualText (x) >> BDC", "startxref\n0\n%%EOF",
    "/Artifact BMC", "xref\n0 1\n0000000000 65535 f", "trailer<</Root 1 0 R>>", "<?xpacket end='w'?>",
    "</rdf:RDF></x:xmpmeta>", "]]>",
]  # fmt: skip
_TEMPLATES = ["{{ v.facts }}", "{% include 'base.html' %}", "{# gone #}", "${7*7}", "{{ v|safe }}", "%(name)s {0} %n"]
_UNSEEN = [
    f"A{unseen}B" for unseen in (
        *"\x00\x01\x07\x08\x0b\x0c\x1b\x7f\x85\x9f\xad\u034f\u061c\u115f\u17b4\u180e\u200b\u200c\u200d\u200e\u200f",
        *"\u2028\u2029\u202a\u202d\u202e\u2060\u2066\u2069\u3164\ufe0f\ufeff\ufff9\ufffc\ufffd\ufffe\uffff\ue000",
        *"\ud800\udfff\U000e0041\U000f0000\U0010ffff",
    )
]  # fmt: skip
_LETTERS = [
    "ᏣᎳᎩ", "ᐃᓄᒃ", "བོད་སྐད", "ⵜⴰⵎⴰⵣⵉⵖⵜ", "𐤀𐤁", "𓀀𓁀", "𝔉𝔯𝔞𝔨𝔱𝔲𝔯", "🏳\ufe0f\u200d🌈",
    "👩🏽\u200d⚕\ufe0f", "1\ufe0f\u20e3", "🇦🇹", "ﷺ", "שָׁלוֹם עֲלֵיכֶם", "مُحَمَّدٌ", "क्ष्म्य", "မြန်မာ",
    "e\u0301\u0323\u0308" * 20, "Z" + "\u035f\u0338\u0489" * 30, "a\u0308\u200da",
    "ﬀﬁﬂﬃﬄ", "Ǆǅǆ", "ẞß", "İı", "ſt", "\u00a0\u2007\u202f\u3000", "½⅓²₃ₙ", "ＡＢＣ１２３", "㈱㍿㎏",
    "\u2e80⼀", "한글ᄒᆞᆫ글",
]  # fmt: skip
_SHAPES = [
    "w" * 300, "0123456789" * 30, "a-" * 150, "/" * 200, "." * 300, "\t" * 40 + "x", "x\n" * 40, "\n \n \n", "—" * 120,
    "王" * 200, "א" * 150, "ا" * 200, "ก" * 150, "ක්\u200dෂ" * 40, "😀" * 60, " leading and trailing ", "\u0301",
    "\u200d", "no\u00a0break\u00a0" * 60,
]  # fmt: skip

PAYLOADS = (*_MARKUP, *_BREAKS_OUT, *_STYLES, *_PDF_SYNTAX, *_TEMPLATES, *_UNSEEN, *_LETTERS, *_SHAPES)
