"""What `spacy train --code` imports: the tagger's names, and the faster matrix product for the whole training."""

from __future__ import annotations

from thinc.api import set_current_ops

from pipeline.recognise.tagger import DotOps

set_current_ops(DotOps())
