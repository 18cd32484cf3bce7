"""Names for the array types that the engine passes around; of one dimension where nobody says rows x ..."""

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.str_]
"""one text per row; where a name ends with `_ids`: each id once, sorted"""
Codes = NDArray[np.int32]
"""positions in such sorted ids, -1: not among them; lists of items are rows x positions, -1: no more items"""
Offsets = NDArray[np.int64]
"""rows + 1: where each row's entries begin in a flat array, and where the last row's end"""
Times = NDArray[np.int64]
"""whole seconds since 1970, UTC; one per event"""
Floats = NDArray[np.float32]
"""weights of events or histories, one per entry; scores are rows x items, without a unit, -inf: excluded"""
Mask = NDArray[np.bool_]
"""one truth per row or cell"""
