# SPDX-License-Identifier: GPL-2.0-only
#
# Pictures of the documents, made from the tree and kept below docs/pictures.
#
#: make pictures          those of the documents
PACKAGES_PICTURES := graphviz fonts-dejavu-core

.PHONY: pictures
pictures:
	@tests/install-packages $(PACKAGES_PICTURES)
	docs/house.pl | dot -Tpng -Gdpi=80 -o docs/pictures/house.png
