"""Rules for passwords beyond Django's: what an office guesses first, what names the person, what was used before."""

import re

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError

from organs.models import PasswordRecord, User

#: Passwords of a person that are refused when they come again.
REMEMBERED = 5
#: So many characters of a password must be neither a common word nor a year nor part of a row of keys.
OWN_CHARACTERS = 4
#: Rows of the keyboard, its columns, both hands in turn, and the alphabet; read in both directions.
_ROWS = (
    *("`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./", "abcdefghijklmnopqrstuvwxyz"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0"),
    *("qawsedrftgyhujikolp", "qazxcvbnm", "147258369", "159357"),
)
_LINES = (*_ROWS, *(row[::-1] for row in _ROWS))
_UNSHIFTED = str.maketrans('~!@#$%^&*()_+{}|:"<>?', "`1234567890-=[]\\;',./")
_UNDISGUISED = str.maketrans("@01!3$5", "aoliess")
#: First words of a guesser in a Chinese party office, in pinyin and English.
_WORDS = (
    *(
        "woaini",
        "woaiwo",
        "aini",
        "zhongguo",
        "china",
        "beijing",
        "zuguo",
        "nihao",
        "laopo",
        "laogong",
        "baobao",
    ),
    *(
        "dangban",
        "dangwei",
        "dangzu",
        "dangyuan",
        "dangjian",
        "gongchandang",
        "zhibu",
        "jiguan",
        "mofan",
        "gongwei",
    ),
    *(
        "zhengfu",
        "weijian",
        "weisheng",
        "bangong",
        "lingdao",
        "taizhang",
        "shifan",
        "guanliyuan",
        "mima",
        "yonghu",
    ),
    *("password", "passwd", "admin", "root", "user", "guest", "test", "demo", "welcome", "login", "system"),
    *("iloveyou", "letmein", "changeme", "secret", "1314", "520", "5201314"),
)
_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))
_DAY = re.compile(r"(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])?)?")
_NAME_AND_YEAR = re.compile(rf"[a-z]{{2,12}}[^a-z0-9]{{0,2}}{_DAY.pattern}[^a-z0-9]{{0,3}}")


def own_characters(password: str) -> int:
    """How many characters are left without common words, years, days, repetitions and neighbours on the keyboard."""
    low = password.lower()
    keys, plain = low.translate(_UNSHIFTED), low.translate(_UNDISGUISED)
    own = at = 0
    while at < len(low):
        words = (_WORD.match(low, at), _WORD.match(plain, at), _DAY.match(low, at))
        taken = max([_run(keys, at), *(len(found[0]) for found in words if found)])
        own, at = own + (not taken), at + (taken or 1)
    return own


def _run(keys: str, at: int) -> int:
    """The length of the longest row of keys or repetition that begins here; 0 below three."""
    longest = min(max(map(len, _LINES)), len(keys) - at)
    for length in range(longest, 2, -1):
        piece = keys[at : at + length]
        if len(set(piece)) == 1 or any(piece in line for line in _LINES):
            return length
    return 0


class GuessableValidator:
    """Refuses what is put together from common pieces: 1qaz@WSX3edc, woaini1314520, linwei1990!"""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        if own_characters(password) < OWN_CHARACTERS or _NAME_AND_YEAR.fullmatch(password.lower()):
            raise ValidationError(
                "这个密码容易被猜到：几乎全是常用词、名字加年份、重复或键盘上相邻的字符。请换成几个不相干的词。",
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return "不能只由常用词（包括拼音）、名字加年份、重复或键盘上相邻的字符组成。"


class PersonalValidator(UserAttributeSimilarityValidator):
    """Refuses what names the account, the person, their post or their organs."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("username", "name", "post"))

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError for such a word inside, and for a password that is all but one of them."""
        if user is None:
            return
        super().validate(password, user)
        organs = [m.organ for m in user.memberships.select_related("organ")] if user.pk else []
        names = [user.username, user.name, user.post, *(n for o in organs for n in (o.name, o.short_name))]
        if any(_tells(name) and name.lower() in password.lower() for name in names):
            raise ValidationError(self.get_help_text(), code="password_too_similar")

    def get_help_text(self) -> str:
        """The rule in words."""
        return "密码里不能有本人的用户名、姓名、职务或单位名称。"


def _tells(name: str) -> bool:
    """Whether a name is long enough to tell of somebody: two Chinese characters, three letters."""
    return len(name) >= (3 if name.isascii() else 2)


class ReuseValidator:
    """Refuses the last passwords of the same person; Django tells it of every new one."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        if user is None or not user.pk:
            return
        records = PasswordRecord.objects.filter(user=user).values_list("password", flat=True)
        if any(check_password(password, known) for known in {user.password, *records}):
            raise ValidationError(
                f"这是最近{REMEMBERED}个用过的密码之一，请换一个新的。", code="password_reused"
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return f"不能用回最近{REMEMBERED}个用过的密码。"

    def password_changed(self, password: str, user: User | None = None) -> None:
        """Remember the hash; those before the last few are forgotten."""
        if user is None:
            return
        PasswordRecord.objects.create(user=user, password=user.password)
        kept = PasswordRecord.objects.filter(user=user).values("pk")[:REMEMBERED]
        PasswordRecord.objects.filter(user=user).exclude(pk__in=kept).delete()
