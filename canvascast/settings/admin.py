"""The look of the staff pages: the site's own colours, and links in the order in which staff need them."""

from django.templatetags.static import static
from django.urls import reverse_lazy

_PAPER = {
    "50": "#fffdf8",
    "100": "#f7f2e8",
    "200": "#e8dfce",
    "300": "#d9cfbd",
    "400": "#b9af9d",
    "500": "#857b6c",
    "600": "#5a5347",
    "700": "#3a362d",
    "800": "#29261f",
    "900": "#1f1d18",
    "950": "#151410",
}
_LINK = {
    "50": "#eef3fc",
    "100": "#dbe6fa",
    "200": "#bcd2f7",
    "300": "#8fb4ff",
    "400": "#6291ec",
    "500": "#3a6fd0",
    "600": "#1f4fa3",
    "700": "#1a4389",
    "800": "#17386f",
    "900": "#142f5b",
    "950": "#0c1d3a",
}


def _link(title: str, icon: str, model: str) -> dict[str, object]:
    """Return a line of the menu; who may not look at the rows does not see it."""
    app, name = model.split("_")
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model}_changelist"),
        "permission": lambda request: request.user.has_perm(f"{app}.view_{name}"),
    }


_OVERVIEW = {"title": "Overview", "icon": "dashboard", "link": reverse_lazy("admin:index")}

UNFOLD = {
    "SITE_TITLE": "CanvasCast staff",
    "SITE_HEADER": "CanvasCast staff",
    "SHOW_HISTORY": True,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("icon.svg")}],
    "STYLES": [lambda request: static("css/staff.css")],
    "COLORS": {"base": _PAPER, "primary": _LINK},
    "DASHBOARD_CALLBACK": "canvascast.operations.overview.add_overview",
    "SIDEBAR": {
        "navigation": [
            {"title": "Site", "items": [_OVERVIEW, _link("Funnel", "filter_alt", "funnel_fact")]},
            {
                "title": "Customers",
                "items": [
                    _link("Users", "person", "accounts_user"),
                    _link("Drafts", "edit_note", "drafts_draftprompt"),
                    _link("Notifications", "mail", "notifications_notification"),
                    _link("Mail log", "outgoing_mail", "notifications_mailevent"),
                    _link("Stopped mailboxes", "mail_off", "notifications_suppressedmailbox"),
                    _link("API keys", "key", "accounts_apikey"),
                    _link("Webhooks", "webhook", "notifications_webhookendpoint"),
                    _link("Webhook log", "outbox", "notifications_webhookdelivery"),
                ],
            },
            {
                "title": "Money",
                "items": [
                    _link("Ledger", "receipt_long", "billing_ledgerentry"),
                    _link("Payments", "payments", "billing_payment"),
                    _link("Subscriptions", "autorenew", "billing_subscription"),
                    _link("Checkouts", "shopping_cart", "billing_checkout"),
                    _link("Stripe events", "sync_alt", "billing_stripeevent"),
                    _link("Credit lots", "savings", "billing_creditlot"),
                ],
            },
            {
                "title": "Videos",
                "items": [
                    _link("Jobs", "movie", "pipeline_job"),
                    _link("Projects", "folder", "pipeline_project"),
                    _link("Files", "draft", "pipeline_asset"),
                    _link("Share links", "link", "pipeline_sharelink"),
                    _link("Voices", "record_voice_over", "pipeline_voiceprofile"),
                    _link("Attempts", "history", "pipeline_stepattempt"),
                    _link("Provider calls", "cloud", "pipeline_providercall"),
                    _link("Worker services", "dns", "pipeline_workerbeat"),
                ],
            },
        ],
    },
}
