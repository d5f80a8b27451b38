"""What Sphinx is told; tools/pages.py calls it. Nothing here may make a page ask another host for anything."""

project = "Gradient Steps"
copyright = "the authors of Gradient Steps; text CC BY 4.0, code MIT"
language = "en"
extensions = ["myst_nb", "sphinx.ext.mathjax", "sphinx-mathjax-offline"]

# The notebooks come with their outputs. Their Markdown is Jupyter's: what MyST alone reads in it is not meant.
nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "strikethrough"]
myst_disable_syntax = ["myst_line_comment", "myst_block_break", "myst_target", "myst_role"]
myst_heading_anchors = 3
smartquotes = False

html_theme = "furo"
html_title = "Gradient Steps"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js", "player.js"]
html_favicon = "static/favicon.svg"
html_copy_source = False
html_use_index = False  # of terms, of which there are none
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True, "top_of_page_buttons": []}
# Both hold to the contrast that WCAG asks for.
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
