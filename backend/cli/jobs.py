"""What has to happen by itself, in every office. Each job may run at any time, twice, at once, or be killed half-way.

A job looks without locks and then does one row after the other, each in a deed of its own that looks again.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from flask import current_app

from backend.activities import forgotten, publishing, waiting
from backend.cli.import_job import carry_out
from backend.flags.raising import raise_flag
from backend.foundation.acting import acted_by, by_clock
from backend.foundation.clock import now, shanghai_day
from backend.foundation.db import done_reading, free_what_was_deleted, transactional
from backend.foundation.tenancy import acting_in
from backend.group_points import rules
from backend.households import pot_transfers
from backend.ledger import sweeps
from backend.ledger.accounts import Account
from backend.ledger.book import Place
from backend.ledger.drafts import Told
from backend.ledger.reversals import RECOVERED
from backend.merchants import undoing
from backend.messages import expiry_notices, sending
from backend.people import merging, parting
from backend.people.persons import openids_of
from backend.places import uploads
from backend.places.offices import offices, the_book
from backend.privacy import erasing, kept_records, resealing, retention
from backend.safety import checking
from backend.safety.addresses import address_of
from backend.safety.models import INACTIVE, NO_OPENID
from backend.transparency import figures
from backend.watch import calling_back, looking
from backend.wechat.errors import WeChatUnavailable
from backend.wechat.subscriptions import Delivery
from backend.wechat.text_safety import TextScene

T = TypeVar("T")

FREED = ("subject_keys", "people", "phones", "wechat_accounts", "cards", "devices", "message_credits", "refresh_tokens")

AT_ONCE = 1000  # rows that one look finds at most; the worker looks again while there is something to do

log = logging.getLogger(__name__)


def release_holds() -> int:
    """Give the points of codes nobody captured in time back to their wallets."""
    return _each(undoing.timed_out(AT_ONCE), undoing.expire)


def expire_points() -> int:
    """Return points whose last day has passed to the funds that paid for them."""

    def expire(place: Place) -> bool:
        return sweeps.expire(the_book(), place, told=_told("积分已过有效期，退回资金", "expiry"))

    return _each(sweeps.expired(the_book(), today=shanghai_day(now()), limit=AT_ONCE), expire)


def recover_points() -> int:
    """Take from wallets what they owe, where two deeds at the same moment did not see each other."""

    def repay(wallet: Account) -> bool:
        return sweeps.repay(the_book(), wallet, told=_told(RECOVERED, "recovery"))

    return _each(sweeps.able_to_repay(the_book(), today=shanghai_day(now()), limit=AT_ONCE), repay)


def notify_expiry() -> int:
    """Put a notice into the outbox for whoever has points that end in 30 or 7 days."""
    return _each(expiry_notices.due_notices(shanghai_day(now()), AT_ONCE), expiry_notices.notify)


def carry_over() -> int:
    """Carry what came into wallets that ended: to who somebody was merged into, or to whom somebody left it."""
    return _each(merging.left_behind(AT_ONCE), merging.carry_over) + _each(parting.still_left(AT_ONCE), parting.pass_on)


def fill_pots() -> int:
    """Move what minors had earned before there was a pot into it, and what a merged household still gets, along."""
    return _each(pot_transfers.to_be_moved(AT_ONCE), pot_transfers.move)


def judge_pictures() -> int:
    """Have WeChat judge new pictures; what it has not judged within an hour waits for a worker."""
    late = _each(checking.overdue(AT_ONCE), checking.give_up_waiting)
    return late + _while_wechat_answers(checking.to_be_asked_about(AT_ONCE), _judge_picture)


def send_messages() -> int:
    """Send what lies in the outbox to whoever left a credit for a subscribe message."""
    templates = current_app.extensions["config"].wechat_templates
    return _while_wechat_answers(sending.to_be_sent(templates, AT_ONCE), _send)


def erase_people() -> int:
    """Erase who asked for it seven days ago; what was sealed before people had keys is put under those first."""
    due = erasing.due(AT_ONCE)
    done_reading()
    if not due:
        return 0
    reseal_office()
    carry_out_one = partial(erasing.carry_out, let_go=current_app.extensions["let_go"])
    done = sum(bool(_tried(transactional(carry_out_one), one)) for one in due)
    if done and not free_what_was_deleted(*FREED):
        log.warning("somebody reads while we would empty the log; it is emptied after the next erasure")
    return done


def destroy_kept() -> int:
    """Destroy what was kept of people who are gone once its term is over."""
    return _each(kept_records.over(AT_ONCE), kept_records.destroy)


def keep_no_longer() -> int:
    """Delete what is kept for a time only and is older (privacy/retention.py), 500 rows a transaction."""
    at, done = now(), 0
    for rule in retention.RULES:
        while done_now := _tried(transactional(retention.let_go), rule, at=at, limit=500):
            done += done_now
    return done


def reseal_office() -> int:
    """Put everything sealed about people of the office in force under their own keys; how many texts."""
    done = 0
    for place in resealing.places():
        after, is_over = None, False
        while not is_over:
            done_now, after = transactional(resealing.reseal)(place, after=after)
            done, is_over = done + done_now, after is None
    return done


def suggest_group_rules() -> int:
    """Lay a first version of what a lively group is before an office that has none."""
    return int(bool(_tried(transactional(rules.suggest)))) if rules.none_yet() else 0


def run_imports() -> int:
    """Judge and write the lists of doors that officers uploaded, 500 rows a transaction."""
    waiting = uploads.unfinished()
    done_reading()
    return sum(bool(_tried(carry_out, import_id)) for import_id in waiting)


def take_figures() -> int:
    """Take down the figures of the month that is over, with everybody behind them."""
    return _each(figures.months_to_take(), figures.take_down)


def pass_on_places() -> int:
    """Give places that were offered and not answered in time to the next who waits."""
    return _each(waiting.unanswered(AT_ONCE), waiting.pass_on)


def close_check_outs() -> int:
    """Close what nobody checked out of within the hour after a session; it waits for the leader."""
    return _each(forgotten.waiting(AT_ONCE), forgotten.close_over)


def look_for_odd_things() -> int:
    """Raise flags about what looks odd, and draw two per cent of redemptions to be called back."""
    raised = _each(looking.odd_things(AT_ONCE), raise_flag)
    return raised + _each(calling_back.drawn(AT_ONCE), calling_back.draw)


def settle_activities() -> int:
    """Settle what ended seven days ago and nobody settled."""
    return _each(publishing.long_over(AT_ONCE), publishing.settle_by_itself)


@dataclass(frozen=True)
class Job:
    """A job and how often the worker runs it; `flask jobs <name>` runs it once, for cron."""

    name: str
    run: Callable[[], int]
    every: timedelta


JOBS = (
    Job("release-holds", release_holds, timedelta()),  # in every round of the worker
    Job("expire-points", expire_points, timedelta(hours=1)),
    Job("recover-points", recover_points, timedelta(minutes=10)),
    Job("carry-over", carry_over, timedelta(minutes=10)),
    Job("fill-pots", fill_pots, timedelta(minutes=10)),
    Job("notify-expiry", notify_expiry, timedelta(hours=1)),
    Job("judge-pictures", judge_pictures, timedelta()),
    Job("send-messages", send_messages, timedelta(minutes=1)),
    Job("suggest-group-rules", suggest_group_rules, timedelta(hours=1)),
    Job("run-imports", run_imports, timedelta()),
    Job("erase-people", erase_people, timedelta(minutes=10)),
    Job("keep-no-longer", keep_no_longer, timedelta(hours=6)),
    Job("destroy-kept", destroy_kept, timedelta(hours=1)),
    Job("take-figures", take_figures, timedelta(hours=1)),
    Job("pass-on-places", pass_on_places, timedelta(minutes=1)),
    Job("close-check-outs", close_check_outs, timedelta(minutes=10)),
    Job("look-for-odd-things", look_for_odd_things, timedelta(hours=24)),
    Job("settle-activities", settle_activities, timedelta(hours=1)),
)


def run_jobs(jobs: Iterable[Job] = JOBS) -> int:
    """Run jobs once in every office; how much was done. The trouble of one stops neither the others nor us."""
    numbers = [office.id for office in offices()]
    done_reading()
    done = 0
    for office_id in numbers:
        with acting_in(office_id), acted_by(by_clock()):
            done += sum(_tried(job.run) or 0 for job in jobs)
    return done


def _each(found: Iterable[T], deed: Callable[[T], bool]) -> int:
    """Do it for each, in a transaction of its own; how often there was something to do."""
    found = list(found)
    done_reading()
    return sum(bool(_tried(transactional(deed), one)) for one in found)


def _judge_picture(picture_id: UUID) -> bool:
    picture = transactional(checking.claim)(picture_id)
    if picture is None:  # Another worker has it.
        return False
    openids = openids_of(picture.uploader_id)
    address = current_app.extensions["config"].public_url + address_of(picture, before_it_is_shown=True)
    done_reading()
    trace_id = None
    if openids:
        try:
            wechat = current_app.extensions["wechat"]
            trace_id = wechat.judge_image(address, openid=openids[0], scene=TextScene.SOCIAL_LOG)
        except WeChatUnavailable:
            transactional(checking.was_not_answered)(picture_id)
            raise
    if trace_id is None:
        transactional(checking.hand_over)(picture_id, why=INACTIVE if openids else NO_OPENID)
    else:
        transactional(checking.awaits_verdict)(picture_id, trace_id)
    return True


def _send(message_id: UUID) -> bool:
    templates = current_app.extensions["config"].wechat_templates
    try:
        message = transactional(sending.claim)(message_id, templates)
    except sending.NoCreditLeft:
        return False
    if message is None:  # Another worker has it.
        return False
    openids = openids_of(message.person_id)
    done_reading()
    delivery = Delivery.REFUSED
    if openids:
        try:
            wechat = current_app.extensions["wechat"]
            delivery = wechat.send_subscription(
                openids[0], template_id=message.template.id, page=sending.PAGE, data=message.data
            )
        except WeChatUnavailable:
            transactional(sending.was_not_answered)(message)
            raise
    transactional(sending.was_sent if delivery is Delivery.SENT else sending.was_refused)(message)
    return True


def _while_wechat_answers(found: Iterable[T], act: Callable[[T], bool]) -> int:
    """Do it for each; every act opens its own transactions, with WeChat asked between them.

    When WeChat is away the rest waits for the next round: each call in vain takes seconds, and other jobs wait too.
    """
    found = list(found)
    done_reading()
    done = 0
    for one in found:
        try:
            done += act(one)
        except WeChatUnavailable:
            log.warning("WeChat is away; %s goes on later", act.__name__)
            break
        except Exception as trouble:  # one broken row must not keep everybody else waiting
            log.error("%s: %s", act.__qualname__, type(trouble).__name__, extra={"about": [str(one)]})
            done_reading()
    return done


def _told(reason: str, origin: str) -> Told:
    return Told(reason, "system:clock", origin, now())


def _tried(deed: Callable[..., int], *args: Any, **more: Any) -> int | None:
    try:
        return deed(*args, **more)
    except Exception as trouble:  # one broken row must not keep everybody else waiting
        log.error("%s: %s", deed.__qualname__, type(trouble).__name__, extra={"about": [str(arg) for arg in args]})
        done_reading()
        return None
