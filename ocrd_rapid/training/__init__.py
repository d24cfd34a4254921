"""Training of heads: from corrected lines to another output layer of a recognition network.

* ``lines``: where lines with text come from; ``augmentation``: more images of the same lines;
* ``features``: what the network makes of their images, computed once;
* ``alphabet``: which characters a new head has, and where it begins;
* ``ctc``: the training itself; ``rehearsal``: what a head shall not forget;
* ``report``, ``curve``: what has become of it.

The features of the network stay as they are, so a head is trained in seconds.
"""
