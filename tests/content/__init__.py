"""The built-in content: what the files of `fixtures/` promise, held against lists written apart from them."""
