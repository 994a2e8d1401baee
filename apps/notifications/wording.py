"""From a fact to the words of its mail: amounts, dates and lengths as the pages say them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils.dateformat import format as format_date

from canvascast.amounts import credits_in_words, length_in_words, money_in_words
from canvascast.plain_text import one_line

Facts = Mapping[str, Any]  # Any: text and numbers, as `actions.record` takes them
Words = dict[str, Any]  # Any: what the templates show


def address(name: str, *arguments: object) -> str:
    """Return the full address of a page of the site."""
    return urljoin(settings.SITE_URL, reverse(name, args=arguments))


def date_in_words(iso_date: str) -> str:
    """Return 2027-01-03 as 3 January 2027; an empty one stays empty."""
    return format_date(date.fromisoformat(iso_date), "j F Y") if iso_date else ""


def video_ready(facts: Facts) -> Words:
    return {
        **_video(facts),
        "length": length_in_words(facts["seconds"]),
        "used": facts["credits"],
        "back": max(0, facts.get("held", 0) - facts["credits"]),
    }


def video_failed(facts: Facts) -> Words:
    return {
        **_video(facts),
        "sentence": facts["sentence"],
        "back": facts["creditsBack"],
        "paid_before": facts.get("paidBefore", 0),
        "may_pass": bool(facts.get("mayPass", 1)),
        "scene": facts.get("scene", 0),
    }


def welcome(facts: Facts) -> Words:
    credits = facts.get("credits", 0)
    title = f"{credits_in_words(credits)} to start with" if credits else "Your account is ready"
    return {"title": title, "credits": credits, "url": address("pipeline:new")}


def low_credits(facts: Facts) -> Words:
    available = facts["available"]
    return {"title": f"{credits_in_words(available)} left", "available": available, "url": address("billing:pricing")}


def credits_depleted(facts: Facts) -> Words:
    return {"title": "No credits left", "url": address("billing:pricing")}


def purchase_receipt(facts: Facts) -> Words:
    amount = money_in_words(facts["cents"], facts["currency"])
    item = one_line(facts["item"])
    return {**_payment(facts, amount), "title": f"{amount} for {item}", "item": item, "credits": facts["credits"]}


def subscription_renewed(facts: Facts) -> Words:
    amount, plan = money_in_words(facts["cents"], facts["currency"]), one_line(facts["plan"])
    is_changed = bool(facts.get("changed"))
    return {
        **_payment(facts, amount),
        "title": f"{amount} for the change to {plan}" if is_changed else f"{amount} for a month of {plan}",
        "plan": plan,
        "credits": facts["credits"],
        "rolled": facts["rolled"],
        "until": date_in_words(facts["until"]),
        "is_first": bool(facts.get("first")),
        "is_changed": is_changed,
    }


def subscription_expiring(facts: Facts) -> Words:
    plan, until = one_line(facts["plan"]), date_in_words(facts["until"])
    title = f"{plan} ends on {until}"
    return {"title": title, "plan": plan, "until": until, "credits": facts["credits"], "url": _credits_page()}


def payment_failed(facts: Facts) -> Words:
    amount, plan = money_in_words(facts["cents"], facts["currency"]), one_line(facts["plan"])
    title = f"{amount} for {plan} could not be charged"
    return {
        "title": title,
        "amount": amount,
        "plan": plan,
        "next": date_in_words(facts["next"]),
        "until": date_in_words(facts.get("until", "")),
        "url": _credits_page(),
    }


def assets_expiring(facts: Facts) -> Words:
    count, until = facts["count"], date_in_words(facts["until"])
    title = one_line(facts.get("title", "")) or f"{count} videos"
    url = address("pipeline:video", facts["projectId"]) if "projectId" in facts else address("pipeline:videos")
    label = "Download it" if count == 1 else "See your videos"
    return {"title": title, "count": count, "until": until, "url": url, "label": label}


def webhook_paused(facts: Facts) -> Words:
    host = one_line(facts["host"])
    url = address("notifications:webhook", facts["endpointId"])
    return {"title": f"{host} does not answer", "host": host, "since": date_in_words(facts["since"]), "url": url}


def _video(facts: Facts) -> Words:
    return {"title": one_line(facts["title"]), "url": address("pipeline:video", facts["projectId"])}


def _payment(facts: Facts, amount: str) -> Words:
    """The button leads to the receipt where the payment service has a page for it."""
    receipt = facts["receipt"]
    return {
        "amount": amount,
        "available": facts["available"],
        "url": receipt or _credits_page(),
        "label": "See the receipt" if receipt else "See your credits",
    }


def _credits_page() -> str:
    return address("billing:credits")
