"""Is the audit trail as it was written? Reads every event once, in the order of its chain."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from organs.chain import chain_of, digest, joined
from organs.models import AuditEvent, AuditLink, AuditVerb, Organ
from organs.seals import Seal

BATCH = 2000


@dataclass
class Verification:
    """One reading of the trail; `events` and `chains` tell how much was read once `faults` has come to its end."""

    seals: Sequence[Seal]
    events: int = 0
    ends: dict[int, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def faults(self) -> Iterator[str]:
        """What is not as it was written, a sentence each: organ, number in the chain, time, what is wrong."""
        with transaction.atomic():
            connection.check_constraints()  # events of the caller's own transaction join their chains now
            self.names = {0: "（无单位）", **dict(Organ.objects.values_list("pk", "name"))}
            yield from self._along_the_chains()
            yield from self._cut_off()
            yield from self._seals_without_line()

    def _along_the_chains(self) -> Iterator[str]:
        sealed = {(c, number): (hash, s) for s in self.seals for c, (number, hash) in s.heads.items()}
        events = AuditEvent.objects.select_related("link").order_by("link__chain", "link__number")
        chain, number, previous = -1, 0, ""
        for event in events.iterator(chunk_size=BATCH):
            self.events += 1
            link: AuditLink | None = getattr(event, "link", None)
            if link is None or link.number is None:
                yield f"{self._named(chain_of(event))}，{_about(event)}：不在链上，是绕过程序插入的。"
                continue
            if link.chain != chain:
                chain, number, previous = link.chain, 0, ""
            where = f"{self._named(chain)}第{link.number}条，{_about(event)}"
            whole = link.number == number + 1
            if not whole:
                yield f"{where}：前面是第{number}条，中间的被删除，或者改了序号。"
            if digest(event) != link.digest:
                yield f"{where}：内容被改动。"
            follows = not whole or joined(previous, chain, link.number, link.digest) == link.hash
            if not follows or chain != chain_of(event):
                yield f"{where}：与上一条接不上，有插入、调换或改动。"
            expected, seal = sealed.get((chain, link.number), (link.hash, None))
            if seal and expected != link.hash:
                yield f"{where}：与第{seal.number}次封存（{seal.at}）不符，这一条或之前的记录在封存后被改写。"
            number, previous = link.number, link.hash
            self.ends[chain] = number

    def _cut_off(self) -> Iterator[str]:
        """What the ends of the chains lack: links whose event is gone, and numbers that were sealed."""
        gone = AuditLink.objects.exclude(Exists(AuditEvent.objects.filter(pk=OuterRef("event_id"))))
        for link in gone.order_by("chain", "number").iterator(chunk_size=BATCH):
            if link.number is None or link.number > self.ends.get(link.chain, 0):
                yield f"{self._named(link.chain)}第{link.number or '？'}条：记录被删除，只剩它的链环。"
        last: dict[int, tuple[int, Seal]] = {}
        for seal in self.seals:
            for chain, (number, _) in seal.heads.items():
                if number > last.get(chain, (0, seal))[0]:
                    last[chain] = number, seal
        for chain, (number, seal) in last.items():
            if number > (end := self.ends.get(chain, 0)):
                yield (
                    f"{self._named(chain)}：第{seal.number}次封存（{seal.at}）时有第{number}条，"
                    f"现在只到第{end}条，末尾的记录被删除。"
                )

    def _seals_without_line(self) -> Iterator[str]:
        """Each seal left an event; its line must be in the file."""
        signatures = {seal.signature for seal in self.seals}
        for event in AuditEvent.objects.filter(verb=AuditVerb.SEAL).order_by("pk").iterator(BATCH):
            if event.note.rpartition(" ")[2] not in signatures:
                yield f"封存文件里没有{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}的那次封存：文件被截短或换掉。"

    def _named(self, chain: int) -> str:
        return self.names.get(chain) or f"单位{chain}（已删除）"


def _about(event: AuditEvent) -> str:
    return (
        f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}"
        f"{event.user_name}{event.get_verb_display()}“{event.target_name}”"
    )
