# SPDX-FileCopyrightText: The ocrd-rapid developers
# SPDX-License-Identifier: Apache-2.0

"""Training of heads: from corrected lines to another output layer of a recognition network.

* ``session``: a training from beginning to end;
* ``line_sources``: lines with text, from workspaces, files and directories; ``alto``: from ALTO;
* ``samples``: these lines, as images and as features; ``division``: for training and validation;
* ``features``: the output of the network for their images, computed once;
* ``alphabet``: the characters of a new head, and their initial weights;
* ``ctc``: the training itself; ``optimizer``: its steps, with torch; ``trainable_layers``: the
  weights that they change;
* ``calibrate``: what its probabilities are worth;
* ``rehearsal``: lines that a head should not forget;
* ``store``: the state of an interrupted training;
* ``head_installation``: a trained head as a resource;
* ``training_report``, ``curve``: the result, as text, plain values and a picture.

The features of the network stay as they are, so a head is trained in seconds.
"""
