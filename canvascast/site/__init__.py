"""What every page has around its content: the font, light or dark, the page for lost connections."""
