"""Tables that show themselves, in a notebook and in a terminal."""

import html


class Table:
    """Rows of cells that a notebook shows as a table and a terminal as lines."""

    def __init__(self, header, rows):
        self.header, self.rows = header, rows

    def __repr__(self):
        widths = [max(len(row[i]) for row in [self.header, *self.rows]) for i in range(len(self.header))]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in [self.header, *self.rows]
        )

    def _repr_html_(self):
        def row(cells, tag):
            left = "style='text-align:left'"
            return "<tr>" + "".join(f"<{tag} {left}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

        return f"<table>{row(self.header, 'th')}{''.join(row(cells, 'td') for cells in self.rows)}</table>"
