"""The packages that come with the product, as data: each folder `<name>.gbai` is a bot."""
