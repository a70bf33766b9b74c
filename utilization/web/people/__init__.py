"""The administrator's pages: who works at the site, as what, and whether they get in."""
