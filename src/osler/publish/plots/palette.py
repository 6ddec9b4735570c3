"""Colours that the colour-blind can tell apart, line weights and sizes on paper.

The eight colours are those of Okabe and Ito (2008), https://jfly.uni-koeln.de/color/; what
carries meaning is told by shape, fill or line as well, so that a grey print says the same.
"""

BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
SERIES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK, YELLOW)

INK = "#1A1A1A"
SOFT = "#595959"  # 7 to 1 against white: may carry text
RULE = "#9A9A9A"
HAIR = "#D0D0D0"
WASH = "#F2F2F2"
WHITE = "#FFFFFF"

FONT = "DejaVu Sans"
THIN, LINE, THICK = 0.5, 0.8, 1.4  # points

INCH = 72.0  # points
# What most journals print: one column of 89 mm, two of 183 mm (Nature, Lancet, BMJ: 85 to 90
# and 174 to 183 mm).
WIDTHS = {"single": 89 / 25.4, "middle": 136 / 25.4, "double": 183 / 25.4}
