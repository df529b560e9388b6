import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for `layer_registry`, which several tests share
