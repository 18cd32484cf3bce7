"""The CDK app with nothing but the stage of this machine: the same templates, sooner."""

from app import build_app
from config.stages import LOCAL

if __name__ == "__main__":
    build_app((LOCAL,)).synth()
