"""A crystal's cell as an SVG drawing, and the HTML that it stands in: for notebooks, pages and paper."""
