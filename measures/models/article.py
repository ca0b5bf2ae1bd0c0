"""The prose that rows were read from (材料): kept as it was read, with the SHA-256 of what was given."""

from hashlib import sha256

from django.db import models
from django.db.models import F, Q
from django.db.models.constraints import BaseConstraint
from django.utils import timezone

from organs.models import Organ, User
from organs.permissions import Right, scope

#: Characters of an article: a report of an office has a few thousand.
LONGEST = 100_000
_ENDS = "。！？\n"


class ArticleQuerySet(models.QuerySet["Article"]):
    """Articles by who may read them."""

    def visible_to(self, user: User) -> "ArticleQuerySet":
        """Those of organs whose drafts the user sees: an article also says what nobody has confirmed."""
        return self.filter(scope(user, Right.VIEW_DRAFTS).q("organ__path"))


class Article(models.Model):
    """An article (材料): a report, summary or news item of an organ that drafts were made from; never changed.

    The SHA-256 is that of the text as it was given, which is what somebody can hold against their own file or paste
    again; `full_text` is the text as it was read, in which places are counted: with the lines that a page width broke
    joined. The two differ in line ends and spaces only.
    """

    organ = models.ForeignKey(Organ, models.PROTECT, related_name="articles", verbose_name="机关单位")
    title = models.CharField("标题", max_length=100)
    full_text = models.TextField("全文")
    sha256 = models.CharField("SHA-256", max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="录入人")
    at = models.DateTimeField("时间", default=timezone.now)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "材料"
        ordering = ("-at", "-pk")
        constraints = [
            models.UniqueConstraint(
                name="article_once",
                fields=("organ", "sha256"),
                violation_error_message="这篇材料已经存过。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def around(self, start: int, end: int) -> tuple[str, str, str]:
        """The sentence around some words of it: what stands before them, they, and what stands after."""
        text = self.full_text
        first = max(text.rfind(mark, 0, start) for mark in _ENDS) + 1
        found = [place for mark in _ENDS if (place := text.find(mark, end)) >= 0]
        last = min(found, default=len(text) - 1) + 1
        return text[first:start].lstrip(), text[start:end], text[end:last].rstrip()


class Excerpted(models.Model):
    """A row that may have been read from an article; `article_start` and `article_end` are its words there."""

    article = models.ForeignKey(
        Article,
        models.PROTECT,
        related_name="%(class)ss",
        null=True,
        verbose_name="出自材料",
        editable=False,
    )
    article_start = models.PositiveIntegerField("材料中起", null=True, editable=False)
    article_end = models.PositiveIntegerField("材料中止", null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def excerpt(self) -> tuple[str, str, str] | None:
        """The sentence in the article, cut so that the row's own words can be marked, from one query; None without one."""
        if self.article_id is None or self.article_start is None or self.article_end is None:
            return None
        article = Article.objects.only("full_text").get(pk=self.article_id)
        return article.around(self.article_start, self.article_end)


def excerpt_constraint(model: str) -> BaseConstraint:
    """A row has an article together with a place in it, or neither."""
    nowhere = Q(article__isnull=True, article_start__isnull=True, article_end__isnull=True)
    place = Q(article__isnull=False, article_start__isnull=False, article_end__gt=F("article_start"))
    return models.CheckConstraint(name=f"{model}_excerpt_whole", condition=nowhere | place)


def digest(text: str) -> str:
    """The SHA-256 of a text in UTF-8."""
    return sha256(text.encode()).hexdigest()
