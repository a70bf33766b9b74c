"""Pages, by who uses them: thin views, forms and the middleware around them."""
