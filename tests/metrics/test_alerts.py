"""The alert rules that are shipped: of the right shape, in words, and about numbers that exist."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from apps.pipeline.failures import CATALOGUE
from canvascast.env import ROOT
from canvascast.metrics.watched import remember_watch
from canvascast.operations.models import NightsWork, Work

FILE = ROOT / "ops" / "alerts.yml"
RULES: list[dict[str, Any]] = [rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]]
NAMES = [rule["alert"] for rule in RULES]
_DURATION = re.compile(r"\d+[smhd]")
_WORDS_OF_PROMQL = {"and", "or", "by", "le"}


def names_in(expression: str) -> set[str]:
    """Return the metrics that an expression reads: what is no function, no word of the language and no label."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]|\bby \([^)]*\)', " ", expression)
    return set(re.findall(r"\b[a-z_][a-z_0-9]*\b(?!\s*\()", bare)) - _WORDS_OF_PROMQL


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_rule_has_the_shape_that_prometheus_reads(rule):
    assert rule.keys() - {"for"} == {"alert", "expr", "labels", "annotations"}
    assert _DURATION.fullmatch(rule.get("for", "0s"))
    assert rule["expr"].count("(") == rule["expr"].count(")")
    assert rule["labels"].keys() == {"severity"}
    assert rule["labels"]["severity"] in ("page", "ticket")


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_rule_says_what_it_means_and_what_to_do_first(rule):
    assert rule["annotations"].keys() == {"summary", "first"}
    assert all(len(words) >= 40 and words.rstrip().endswith((".", "?", ")")) for words in rule["annotations"].values())


def test_every_rule_has_a_name_of_its_own():
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.django_db
def test_every_number_that_a_rule_reads_is_one_that_the_site_tells(client: Client, settings):
    settings.PROVIDER_ACCOUNTS = {"openai": None}
    for check in ("lately", "everything"):
        remember_watch(findings=0, at=timezone.now(), check=check)
    NightsWork.objects.get_or_create(name=Work.BACKUP)
    client.get("/health")
    families = list(text_string_to_metric_families(client.get("/metrics").content.decode()))
    told = {sample.name for family in families for sample in family.samples}

    read = {rule["alert"]: names_in(rule["expr"]) for rule in RULES}

    assert all(read.values())
    assert {alert: names - told for alert, names in read.items() if names - told} == {}


@pytest.mark.django_db
def test_answers_of_probes_are_no_answers_of_the_site_that_fail(client: Client):
    (rule,) = (rule for rule in RULES if rule["alert"] == "AnswersFail")
    selectors = re.findall(r"canvascast_http_answers_total(?:\{([^}]*)\})?", rule["expr"])
    for probe in ("/health", "/ready"):
        client.get(probe)
    families = text_string_to_metric_families(client.get("/metrics").content.decode())
    views = {sample.labels["view"] for family in families for sample in family.samples if "view" in sample.labels}
    probes = {view for view in views if view.startswith("health")}

    assert (len(selectors), probes) == (3, {"health:health", "health:ready"})
    for selector in selectors:
        left_out = re.search(r'view!~"([^"]+)"', selector)[1]
        assert {view for view in views if re.fullmatch(left_out, view)} == probes


def test_somebody_is_told_where_customers_read_so():
    (rule,) = (rule for rule in RULES if rule["alert"] == "OurFault")
    codes = set(re.search(r'code=~"([^"]+)"', rule["expr"])[1].split("|"))

    assert codes >= {code for code, failure in CATALOGUE.items() if "We have been told" in failure.reason}
    assert codes <= CATALOGUE.keys()


def test_every_work_of_the_night_is_missed_by_a_rule():
    rules = " ".join(rule["expr"] for rule in RULES if "nights_work_age" in rule["expr"])
    named = [name for names in re.findall(r'work=~?"([^"]+)"', rules) for name in names.split("|")]

    assert sorted(named) == sorted(Work)


@pytest.mark.django_db
def test_labels_that_a_rule_filters_by_are_those_of_the_number(client: Client):
    NightsWork.objects.get_or_create(name=Work.BACKUP)
    families = text_string_to_metric_families(client.get("/metrics").content.decode())
    labels: dict[str, set[str]] = {}
    for sample in (sample for family in families for sample in family.samples):
        labels.setdefault(sample.name, {"instance"}).update(sample.labels)

    filters = re.findall(r"(canvascast_\w+)\{(\w+)", " ".join(rule["expr"] for rule in RULES))

    assert filters
    assert [(name, label) for name, label in filters if label not in labels[name]] == []
