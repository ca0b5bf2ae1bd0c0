from decimal import Decimal

import pytest

from measures.quantity import QUALIFIER_LABELS, Qualifier, Quantity, QuantityError, UnitSpec

PERSONS = UnitSpec("人", aliases=("名",))
PERCENT = UnitSpec("%", whole=False)
YUAN = UnitSpec("元", whole=False, dimension="金额")
WAN_YUAN = UnitSpec("万元", whole=False, dimension="金额", scale=Decimal(10000), base="元")
RANK = UnitSpec("位", dimension="位次", aliases=("个", "名"))
YEARS = UnitSpec("年")
HUNDRED = Decimal(100)


def persons(words):
    return Quantity.parse(words, PERSONS)


def percent(words):
    return Quantity.parse(words, PERCENT, maximum=HUNDRED)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "这里是空的，请填一个数；没有就填0。"),
        ("　", "这里是空的，请填一个数；没有就填0。"),
        ("50户", "这里填的是“人”，您写的是“户”。"),
        ("50多户", "这里填的是“人”，您写的是“户”。"),
        ("19人次", "这里填的是“人”，您写的是“人次”。"),
        ("50%", "这里填的是“人”，您写的是“%”。"),
        ("百分之五", "这里填的是“人”，您写的是“%”。"),
        ("三成", "这里填的是“人”，您写的是“%”。"),
        ("770万元", "这里填的是“人”，您写的是“元”。"),
        ("3.5", "“人”要填整数，您写的是3.5。"),
        ("1.23456万", "“人”要填整数，您写的是12345.6。"),
        ("-3", "这里不能填负数（您写的是-3），请填0或大于0的数。"),
        ("超过50余人", "“超过50余人”里有两个限定词，请只留一个。"),
        ("约90人以上", "“约90人以上”里有两个限定词，请只留一个。"),
        ("约3至5人", "“约3至5人”里有两个限定词，请只留一个。"),
        ("3余至5人", "“3余至5人”不是一个数，请填 56、1.2万余 或 95以上 这样的数。"),
        ("50余人多", "“50余人多”里有两个限定词，请只留一个。"),
        ("3至5余人", "“3至5余人”里有两个限定词，请只留一个。"),
        ("0余人", "“0余人”说不清是多少，0和负数请填确切的数。"),
        ("约0", "“约0”说不清是多少，0和负数请填确切的数。"),
        ("不足0人", "“不足0人”这样说，没有一个数能满足，请检查。"),
        ("几十人", "“几十人”不是一个数，请填 56、1.2万余 或 95以上 这样的数。"),
        ("15几人", "“15几人”不是确切的数，请写明大约多少，如“约50人”。"),
        ("一百五人", "“一百五”不是确切的数，请写成 1234、1.2万 或 三千二百 这样的数。"),
        ("3—5万人", "“3—5万人”的两头不清楚，请从小到大写全，如“3万至5万”。"),
        ("9至5人", "“9至5人”的两头不清楚，请从小到大写全，如“3万至5万”。"),
        ("人", "“人”不是一个数，请填 56、1.2万余 或 95以上 这样的数。"),
        ("全部56人", "“全部56人”不是一个数，请填 56、1.2万余 或 95以上 这样的数。"),
        ("不超过半天", "这里填的是“人”，您写的是“天”。"),
        ("半数以上", "“半数以上”是和别的数比出来的，不是一个数；请填实际的数，如 56。"),
        ("翻一番", "“翻一番”是和别的数比出来的，不是一个数；请填实际的数，如 56。"),
        ("两倍", "“两倍”是和别的数比出来的，不是一个数；请填实际的数，如 56。"),
        ("5人8", "“5人8”不是一个数，请填 56、1.2万余 或 95以上 这样的数。"),
        ("第3", "“第3”不是一个数，请填 56、1.2万余 或 95以上 这样的数。"),
        ("约约12", "“约约12”里有两个限定词，请只留一个。"),
        ("大约约12人", "“大约约12人”里有两个限定词，请只留一个。"),
        ("不少于上百人", "“不少于上百人”里有两个限定词，请只留一个。"),
        ("-0", "“-0”不清楚：没有就填0，有数请写全。"),
        ("万", "“万”前面没有数，请写全，如“1万”；大约的写“近万”“万余”。"),
        ("共千人", "“千”前面没有数，请写全，如“1千”；大约的写“近千”“千余”。"),
        ("百万人", "“百万”前面没有数，请写全，如“1百万”；大约的写“近百万”“百万余”。"),
        ("百至千人", "“百”前面没有数，请写全，如“1百”；大约的写“近百”“百余”。"),
        ("9" * 61, "这里最多写60个字，请只填数和单位。"),
    ],
)
def test_what_a_field_of_persons_cannot_take_is_refused_with_a_sentence(text, message):
    with pytest.raises(QuantityError) as refusal:
        persons(text)
    assert str(refusal.value) == message


def test_natural_bounds_refuse_what_lies_outside_and_cut_off_ranges():
    with pytest.raises(QuantityError, match=r"这里最大是100%，您写的是120%。"):
        percent("120%")
    with pytest.raises(QuantityError, match=r"这里最小是-5%，您写的是-6%。"):
        Quantity.parse("-6", PERCENT, minimum=Decimal(-5))
    with pytest.raises(QuantityError, match=r"没有一个数能满足"):
        Quantity.parse("超过5", PERSONS, maximum=Decimal(5))
    with pytest.raises(QuantityError, match=r"没有一个数能满足"):
        percent("超过100%")
    assert str(Quantity.parse("-3", PERCENT, minimum=Decimal(-5))) == "-3%"
    assert percent("约95%").high == HUNDRED
    assert Quantity.parse("约5", PERSONS, minimum=Decimal(5)).low == 5
    assert Quantity.parse("120%", PERCENT).amount == 120


@pytest.mark.parametrize(
    ("text", "said", "range_words", "qualifier"),
    [
        ("19425", "19425人", "19425人", "exact"),
        ("１９，４２５", "19425人", "19425人", "exact"),
        ("  56  人 ", "56人", "56人", "exact"),
        ("共 56 人", "共56人", "56人", "exact"),
        ("累计超过4万人", "累计超过4万人", "40001人以上", "over"),
        ("23名", "23名", "23人", "exact"),
        ("三千二百", "三千二百人", "3200人", "exact"),
        ("1.2万余", "1.2万余人", "12001至12999人", "more"),
        ("16万余人", "16万余人", "160001至169999人", "more"),
        ("20余万人", "20余万人", "200001至299999人", "more"),
        ("十几", "十几人", "11至19人", "more"),
        ("二十几人", "二十几人", "21至29人", "more"),
        ("十几万人", "十几万人", "100001至199999人", "more"),
        ("50人余", "50人余", "51至59人", "more"),
        ("105余人", "105余人", "106人以上", "more"),
        ("近百", "近百人", "90至99人", "near"),
        ("万余人", "万余人", "10001至19999人", "more"),
        ("将近100人", "将近100人", "90至99人", "near"),
        ("近5人", "近5人", "4人", "near"),
        ("约55人", "约55人", "50至60人", "approx"),
        ("约5人", "约5人", "4至6人", "approx"),
        ("大约100人左右", "大约100人左右", "90至110人", "approx"),
        ("上百人", "上百人", "100人以上", "at_least"),
        ("逾千人", "逾千人", "1001人以上", "over"),
        ("至少30", "至少30人", "30人以上", "at_least"),
        ("30人及以上", "30人及以上", "30人以上", "at_least"),
        ("至多30人", "至多30人", "0至30人", "at_most"),
        ("30人以下", "30人以下", "0至30人", "at_most"),
        ("不到30人", "不到30人", "0至29人", "below"),
        ("不足30人", "不足30人", "0至29人", "below"),
        ("90—99人", "90至99人", "90至99人", "between"),
        ("90人~99人", "90至99人", "90至99人", "between"),
        ("90-99", "90至99人", "90至99人", "between"),
        ("3万至5万", "3万至5万人", "30000至50000人", "between"),
    ],
)
def test_persons_are_read_as_clerks_write_them(text, said, range_words, qualifier):
    found = persons(text)
    assert (str(found), found.range_words, found.qualifier) == (said, range_words, Qualifier(qualifier))
    assert persons(str(found)) == found


@pytest.mark.parametrize(
    ("text", "said", "range_words"),
    [
        ("25.6", "25.6%", "25.6%"),
        ("９５％以上", "95%以上", "95至100%"),
        ("95以上", "95%以上", "95至100%"),
        ("达到100%", "达到100%", "100%"),
        ("百分之九十五以上", "百分之九十五以上", "95至100%"),
        ("近三成", "近三成", "27%以上、不足30%"),
        ("三成多", "三成多", "超过30%、不足40%"),
        ("超过95%", "超过95%", "超过95%、不超过100%"),
        ("90%—99%", "90至99%", "90至99%"),
    ],
)
def test_percentages_are_read_as_clerks_write_them(text, said, range_words):
    found = percent(text)
    assert (str(found), found.range_words) == (said, range_words)
    assert percent(str(found)) == found


@pytest.mark.parametrize(("text", "said", "amount"), [
    ("首个", "首个", 1), ("第一", "第一", 1), ("首位", "首位", 1), ("第3", "第3位", 3), ("第三名", "第三名", 3), ("2", "2位", 2),
])  # fmt: skip
def test_ranks_are_read_with_their_own_words(text, said, amount):
    found = Quantity.parse(text, RANK)
    assert (str(found), found.amount, found.unit) == (said, amount, "位")


def test_a_streak_of_years_keeps_its_words():
    assert str(Quantity.parse("连续3年", YEARS)) == "连续3年"


@pytest.mark.parametrize(
    ("text", "unit", "amount"),
    [
        ("770", WAN_YUAN, 7_700_000),
        ("770万元", WAN_YUAN, 7_700_000),
        ("770元", WAN_YUAN, 770),
        ("22299元", YUAN, 22299),
        ("770万元", YUAN, 7_700_000),
        ("770万", YUAN, 7_700_000),
        ("7.5万元", YUAN, 75_000),
        ("1亿2千万元", WAN_YUAN, 120_000_000),
        ("1亿2千万元", YUAN, 120_000_000),
        ("3亿5百万元", WAN_YUAN, 305_000_000),
        ("1亿5百余万元", WAN_YUAN, 105_000_000),
        ("约一亿二千万元", WAN_YUAN, 120_000_000),
        ("1万2千万元", WAN_YUAN, 120_000_000),
    ],
)
def test_money_is_stored_in_yuan_however_it_is_written(text, unit, amount):
    convertible = (WAN_YUAN,) if unit is YUAN else ()
    found = Quantity.parse(text, unit, convertible=convertible)
    assert (found.amount, found.unit) == (amount, "元")
    assert Quantity.parse(str(found), unit, convertible=convertible) == found


def test_ten_thousand_is_not_counted_twice_in_a_field_of_ten_thousand_yuan():
    with pytest.raises(QuantityError, match="请只填数，或写明“770万元”"):
        Quantity.parse("770万", WAN_YUAN)


def test_a_unit_of_another_base_is_never_converted():
    with pytest.raises(QuantityError, match="您写的是“元”"):
        Quantity.parse("5万元", PERSONS, convertible=(WAN_YUAN,))
    with pytest.raises(QuantityError, match="不能换算"):
        persons("5").say(WAN_YUAN)


def test_quantities_say_themselves_in_another_unit_of_their_base():
    assert Quantity.exact(75_000, "元").say(WAN_YUAN) == "7.5万元"
    assert Quantity.parse("约770万元", YUAN, convertible=(WAN_YUAN,)).say(WAN_YUAN) == "约770万元"
    assert Quantity.exact(19425, "人").say() == Quantity.exact(19425, "人").say(PERSONS) == "19425人"
    assert Quantity.exact(Decimal("94.6535"), "%").say(places=1) == "94.7%"


SUMS = [
    (("50余人", "23人"), "超过73人", "74至82人"),
    (("50余人", "50余人"), "超过101人", "102至118人"),
    (("近100人", "23人"), "113至122人", "113至122人"),
    (("约100人", "50余人"), "141至169人", "141至169人"),
    (("超过4万", "近100"), "40091人以上", "40091人以上"),
    (("超过4万", "50余人"), "超过40051人", "40052人以上"),
    (("30人以上", "20人"), "50人以上", "50人以上"),
    (("30人以上", "20人以上"), "50人以上", "50人以上"),
    (("不足30人", "20人"), "20至49人", "20至49人"),
    (("50余人", "0"), "50余人", "51至59人"),
    (("0", "0人"), "0人", "0人"),
    (("12345", "1万"), "22345人", "22345人"),
]


@pytest.mark.parametrize(("parts", "said", "range_words"), SUMS)
def test_sums_print_what_is_sure(parts, said, range_words):
    found = sum(map(persons, parts))
    assert (str(found), found.range_words) == (said, range_words)


def test_sums_of_continuous_amounts_keep_their_open_ends():
    def yuan(words):
        return Quantity.parse(words, YUAN)

    assert str(yuan("50余元") + yuan("3元")) == "超过53元"
    assert str(yuan("50余元") + yuan("近100元")) == "超过140元、不足160元"
    assert str(yuan("约100元") + yuan("近100元")) == "180元以上、不足210元"
    assert str(yuan("超过100元") + yuan("近100元")) == "超过190元"


@pytest.mark.parametrize(
    ("qualifier", "said"),
    [
        (Qualifier.APPROX, "约100人"),
        (Qualifier.NEAR, "近100人"),
        (Qualifier.BELOW, "不足100人"),
        (Qualifier.AT_MOST, "不超过100人"),
        (Qualifier.BETWEEN, "90至99人"),
    ],
)
def test_figures_without_words_still_say_how_sure_they_are(qualifier, said):
    assert str(Quantity(HUNDRED, Decimal(90), Decimal(99), qualifier=qualifier, unit="人")) == said


def test_percentages_print_two_places_and_nothing_prints_a_power_of_ten():
    assert str(Quantity.exact(Decimal("94.65346534653465"), "%")) == "94.65%"
    assert str(Quantity.exact(Decimal("1E+6"), "人")) == "1000000人"
    assert str(Quantity.exact(19425, "人")) == "19425人"


def test_comparisons_look_at_the_right_end_and_its_bracket():
    near = Quantity.parse("近100元", YUAN)
    assert near.certainly_at_least(Decimal(90))
    assert not near.possibly_at_least(HUNDRED)
    assert near.certainly_at_most(HUNDRED)
    assert near.possibly_at_most(Decimal(90))
    more = Quantity.parse("50余元", YUAN)
    assert not more.possibly_at_most(Decimal(50))
    assert more.certainly_at_least(Decimal(50))
    assert [more.possible(Decimal(value)) for value in (50, 55, 60)] == [False, True, False]
    over = persons("超过5")
    assert over.possibly_at_least(Decimal(10**9))
    assert not over.certainly_at_most(Decimal(10**9))


def test_uncertainty_is_in_the_words_even_where_one_number_is_left():
    assert persons("近5").uncertain
    assert not persons("5").uncertain
    assert persons("105余").open_ended


def test_binary_fractions_and_empty_ranges_are_never_quantities():
    with pytest.raises(TypeError):
        Quantity.exact("5", "人")
    with pytest.raises(TypeError):
        Quantity.exact(Decimal("NaN"), "人")
    with pytest.raises(TypeError):
        _ = persons("5") + 5
    with pytest.raises(TypeError):
        _ = 5 + persons("5")
    with pytest.raises(QuantityError):
        Quantity(Decimal(5), Decimal(6), Decimal(5))
    with pytest.raises(QuantityError):
        Quantity(Decimal(5), Decimal(5), Decimal(5), low_closed=False)


def test_every_qualifier_has_a_chinese_label():
    assert set(QUALIFIER_LABELS) == set(Qualifier)
