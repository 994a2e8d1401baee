"""The django-q2 cluster that `worker` supervises; not meant to be started by hand."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.pipeline import catalogue, draining
from apps.pipeline.providers import registry
from apps.pipeline.queues import film_queues
from canvascast import life_signs
from canvascast.idle_transactions import end_idle_transactions

_PR_SET_PDEATHSIG = 1


class Command(BaseCommand):
    help = "Run one django-q2 cluster (started by `worker`)."
    # `check` judges the settings; here it would load the whole site first.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("parent", type=int, help="pid of the supervisor")
        parser.add_argument("processes", type=int, help="how many work at once")
        parser.add_argument("ears", type=int, help="file whose end asks to begin nothing more")
        parser.add_argument("signs", type=int, help="file that is touched as a sign of life")

    def handle(self, *args: Any, **options: Any) -> None:  # Any: Django's signature
        from django_q.cluster import Cluster
        from django_q.conf import Conf
        from django_q.signals import post_execute_in_worker, pre_execute

        _die_with_parent()
        end_idle_transactions(after_seconds=settings.LEASE_SECONDS)
        if os.getppid() != options["parent"]:
            return
        # What a worker holds in memory, keys and texts, belongs on no disk.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        draining.listen(options["ears"])
        life_signs.show_on(options["signs"])
        for moment in (pre_execute, post_execute_in_worker):
            moment.connect(_show_life, weak=False)
        os.register_at_fork(after_in_child=_die_with_parent)
        if Conf.CLUSTER_NAME in film_queues():
            # Once, before the fork: loaded by each process by itself, this takes seconds of every core in the middle of
            # the first video.
            catalogue.steps()
            registry.load_code()
        Conf.WORKERS = options["processes"]
        Cluster().start()


def _show_life(**_: Any) -> None:  # Any: what the signal tells
    life_signs.show()


def _die_with_parent() -> None:
    """Linux: when a process of the cluster dies, those below it die too, instead of working on unwatched."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
