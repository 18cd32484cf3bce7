"""Names for the array types that the engine passes around."""

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.str_]
Codes = NDArray[np.int32]
Offsets = NDArray[np.int64]
Times = NDArray[np.int64]
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
