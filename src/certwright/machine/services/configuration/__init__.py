"""A configuration's text, whichever program's it is: its files and its tree of directives."""
