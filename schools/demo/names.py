"""Invented personal names.

Surnames and given names are drawn separately, so the names come from no list of people. Names of
well-known people are avoided by leaving out their characters.
"""

import random

# The common surnames of the north, weighted roughly by frequency.
_SURNAMES = (
    "王" * 9 + "李" * 9 + "张" * 9 + "刘" * 7 + "陈" * 3 + "杨" * 4 + "赵" * 4 + "孙" * 3
    + "马马周周吴吴徐徐高高于于郭郭宋宋朱何林罗郑梁谢唐许冯韩曹曾彭萧蔡潘田董袁吕魏蒋沈卢"
    "贾丁薛叶阎余戴夏钟付汪任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤"
    "尹黎武乔贺赖龚文安穆哈回单解仇"
)  # fmt: skip
_DOUBLE_SURNAMES = ("欧阳", "上官", "司马", "诸葛", "尉迟")
_FIRST = {
    "m": "志建国文宝树德金世永玉长连春凤学立景士万家恩绍庆福广俊维鸿少宗兆洪绪耀培",
    "f": "秀玉淑桂凤丽春秋雅慧文素艳月金宝书晓佳雨梦思若欣怡静婉兰翠彩巧",
}
_SECOND = {
    "m": "山林海江河峰岭松柏生成起发祥瑞利增和顺来友义良忠厚诚亮辉旺田森岩鹤滨浩宇轩泽帆",
    "f": "英兰芬芳珍荷莲菊梅霞云香琴芝玲萍敏娟红花娥凤茹颖婷雯洁琳琪涵萱彤妍",
}
_SINGLE = {"m": "珅澍煜霈昱铎淇堃喆犇巍", "f": "玥璟颢钰澄翎馨蕙甯婧"}
# In GB 18030, but not supported by older systems.
_RARE = "𠮷㐂䶮喆堃犇赟"
# Own name and father's name, joined by U+00B7; below, two-part names written as one.
_OWN = {
    "m": ("阿不都外力", "艾尔肯", "吐尔逊", "努尔兰", "叶尔江"),
    "f": ("阿依古丽", "热依汗", "古丽娜尔", "阿依努尔", "玛依拉"),
}
_FATHERS = ("买买提", "艾合买提", "吾斯曼", "卡德尔", "托合提", "木沙江")
_JOINED = {
    "m": ("巴特尔", "朝鲁", "扎西次仁", "多吉", "土登"),
    "f": ("乌云其其格", "萨仁", "次仁卓玛", "央金拉姆", "娜仁"),
}
_SEPARATOR = "\u00b7"


def person_name(rng: random.Random, sex: str) -> str:
    """A name for a woman (`f`) or a man (`m`): mostly Han, with a few rare or minority names."""
    chance = rng.random()
    if chance < 0.003:
        return f"{rng.choice(_OWN[sex])}{_SEPARATOR}{rng.choice(_FATHERS)}"
    if chance < 0.006:
        return rng.choice(_JOINED[sex])
    surname = rng.choice(_SURNAMES) if chance < 0.995 else rng.choice(_DOUBLE_SURNAMES)
    if chance < 0.010:
        return f"{surname}{rng.choice(_FIRST[sex])}{rng.choice(_RARE)}"
    if chance < 0.110:
        return surname + rng.choice(_SINGLE[sex])
    return f"{surname}{rng.choice(_FIRST[sex])}{rng.choice(_SECOND[sex])}"
