"""Who runs this site, for the pages that must say so; empty until the operator fills it in."""

from canvascast import env

OPERATOR_NAME = env.value("OPERATOR_NAME", "")
OPERATOR_ADDRESS = env.value("OPERATOR_ADDRESS", "")
OPERATOR_CONTACT = env.value("OPERATOR_CONTACT", "")
