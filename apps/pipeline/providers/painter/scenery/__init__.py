"""The illustrator's stock of materials: skies, terrain, water, cities, matter, paper, and the scenes built of them."""
