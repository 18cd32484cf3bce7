"""What holds for all tests."""

import os

# The CDK's own look at every template takes as long as building them, and cfn-lint looks at the same ones.
# It has to be set before the CDK is imported.
os.environ["CDK_VALIDATION"] = "false"
