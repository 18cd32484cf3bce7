"""The CDK app with nothing but the stage of this machine: the same templates, sooner."""

from app import synthesise
from config.stages import LOCAL

if __name__ == "__main__":
    synthesise((LOCAL,))
