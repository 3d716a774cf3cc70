"""What is measured: a roll posted, the page of a member, the dashboard."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.audit import find_broken_seals, seal_of
from accounts.enums import Channel
from accounts.models import AuditEntry, User
from backstage.templatetags.figures import hours, number
from config.embedded_postgres import BASE_DIR
from config.lib.hours import format_hours
from config.lib.periods import today
from schools.demo.officers import DEMO_PASSWORD
from schools.models import School
from tests.bench.browser import Browser, UnexpectedReply
from tests.bench.classes import HOURS, Lesson
from tests.bench.figures import Row, compare, require_rate, require_truth
from tests.bench.limits import Limits
from trainees.models import Assessment, Attendance, Member, Roll
from trainees.queries.dashboard import FIGURES, figure_values

CLERK = "clerk.yangliuqing"
OFFICER = "org.department"
CONNECTIONS = 8
LOAD_SECONDS = 2.0
LOAD_RUNS = 3
