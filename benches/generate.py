"""Writes invented call logs in the archive's shape: one JSONL file, a folder of JSON files, or both.

    generate.py --calls 40000 --seed 1 --jsonl calls.jsonl --folder calls/

The same calls and seed give the same bytes on any machine, because every choice comes from
`Random.random()` in a fixed order. Memory does not grow with the number of calls.
"""

import argparse
import functools
import hashlib
import json
import random
from pathlib import Path
from typing import NamedTuple, Tuple

CALLS_PER_SUBFOLDER = 1000
FIRST_START_MICROS = 1_767_225_600_000_000
GREETING, NORMAL = "greeting", "normal"


def words(text):
    return tuple(piece.strip() for piece in text.split("|"))


def crossed(firsts, seconds, joiner):
    return tuple(first + joiner + second for first in firsts for second in seconds)


def chosen(rng, choices):
    return choices[int(rng.random() * len(choices))]


def between(rng, low, high):
    return low + int(rng.random() * (high - low))


def drawers(seed):
    """`chosen` and `between` with a generator of their own, so that a language is the same under any --seed."""
    rng = random.Random(seed)
    return functools.partial(chosen, rng), functools.partial(between, rng)


class Language(NamedTuple):
    """A grammar: a sentence is one fragment from each slot of a pattern."""

    joiner: str
    question_stops: Tuple[str, ...]
    answer_stops: Tuple[str, ...]
    millis_per_character: int
    greetings: Tuple[str, ...]
    fillers: Tuple[str, ...]
    questions: tuple
    answers: tuple
    question_characters: Tuple[int, int]
    answer_characters: Tuple[int, int]


def english():
    pick, number = drawers(11)
    names = crossed(
        words("Mara|Tobias|Ines|Rohan|Petra|Callum|Yusuf|Greta|Odile|Kenji|Salma|Bruno|Hazel|Dmitri|Noor|Felix"),
        words("Lindqvist|Okafor|Barlow|Tanaka|Moreau|Castellan|Whitlock|Ferreira|Novak|Abernathy|Haddad|Sorensen|Pike"),
        " ",
    )
    # Thousands of details that seldom repeat within a compressor's window: what real calls have too.
    exact = tuple(
        pick(
            (
                f"under reference {pick('BCDFGHKMRTX')}{pick('AEKLPSWZ')}-{number(1000, 99999)}",
                f"at {number(7, 21)}:{number(0, 60):02}",
                f"for {number(4, 480)}.{number(0, 100):02} dollars",
                f"with {pick(names)}",
                f"in room {number(101, 960)}",
                f"within {number(2, 45)} minutes",
                f"at {number(2, 399)} {pick(words('Alder|Quarry|Harbour|Saint Anne|Mill|Juniper|Foundry|Orchard'))} "
                f"{pick(words('Street|Lane|Road|Square|Avenue'))}",
            )
        )
        for _ in range(6000)
    )
    things = crossed(
        words(
            "the second|your missing|the insured|a spare|the blue|that damaged|the prepaid|an oversized|the rented|"
            "your brother's|the refurbished|the seasonal|a cancelled|the weekend|the yearly|our cheapest|the frozen|"
            "the original|a temporary|the registered"
        ),
        words(
            "parcel|boiler|suitcase|booking|invoice|modem|dishwasher|subscription|prescription|deposit|mattress|"
            "delivery|appointment|thermostat|ticket|voucher|bicycle|warranty|bank transfer|meter reading|passport copy|"
            "garden shed|piano lesson|fishing permit|rental van|hearing test|parking space|solar panel|"
            "sewing kit|roof box"
        ),
        " ",
    )
    lead = words(
        "As far as I can tell,|Good news:|To be honest,|Just so you know,|If that suits you,|According to the notes,|"
        "One moment ago|After a closer look,|In your case|Since you asked,|As an exception,|For the time being,|"
        "Between us,|On the screen I see that|Luckily|Unless you object,|First of all,|Apart from that,|Meanwhile|"
        "In plain terms,|By tomorrow evening|Once it has been weighed,|As with every order,|Because of the storm"
    )
    who = words(
        "the depot in Harwick|our night shift|the technician|my colleague upstairs|the courier|a second engineer|"
        "the billing desk|the clinic|our partner garage|the warehouse team|the front office|the regional manager|"
        "the pharmacist|an independent inspector|the duty nurse|our booking system|the landlord|the ferry company|"
        "the repair shop|somebody from the workshop|the insurance people|the school office"
    )
    does = crossed(
        words(
            "can|will|could|should|may|must|cannot|has to|wants to|used to|refuses to|is about to|would rather|"
            "is free to|"
            "promised to|forgot to|needs to|hopes to|might not|is going to"
        ),
        words(
            "exchange|pack|collect|inspect|postpone|refund|repair|photograph|extend|open|misplace|upgrade|"
            "confirm|replace|"
            "sign for|reserve|deliver|release|insure|split up|measure|return|keep|relabel|weigh|clean|test|lend out|"
            "hold back|ship"
        ),
        " ",
    )
    when = crossed(
        words(
            "before|after|around|until|shortly after|not before|well ahead of|ever since|except on|"
            "no later than|right at|"
            "near"
        ),
        words(
            "Thursday noon|the holiday|the end of March|Monday morning|the storm|lunch|the school break|the deadline|"
            "nightfall|the second reminder|your return|the next shift|the spring sale|payday|the inspection|Saturday|"
            "the first frost|the lift repair|high tide|closing time|the long weekend|breakfast"
        ),
        " ",
    )
    tail = crossed(
        words(
            "so|because|although|and|but only if|unless|while|provided that|even though|in case|as long as|since|until|"
            "or else"
        ),
        words(
            "you keep the receipt|nothing else is due|it takes three days|somebody is at home|a text follows|"
            "the old label counts|the upper floor is painted|tracking says otherwise|a friend comes along|"
            "the seal holds|"
            "the bridge stays closed|the side gate is open|that is unusual|the balance goes back|half stays in storage|"
            "the colour differs|the driver knows|you need not ring|the list is long|we agreed on it|the dog is tied up|"
            "stairs are narrow|a neighbour has the key|the line is poor|your card is valid"
        ),
        " ",
    )
    ask = words(
        "Could you tell me whether|I was wondering if|Do you happen to know why|My neighbour says that|"
        "I still don't understand how|Can you check whether|Is it true that|Nobody told me that|Please explain why|"
        "The letter claims that|I need to know when|What happens if|Are you sure that|I am calling because"
    )
    short = words(
        "What about|How much is|I would like to change|Please cancel|Where did you put|Who pays for|Can I still return|"
        "I never ordered|Tell me more about|I lost|When do I get|Is there any trace of"
    )
    return Language(
        joiner=" ",
        question_stops=("? ", ". ", "? ", "... "),
        answer_stops=(". ",) * 9 + ("! ", ".\n", ".\n\n", '. Just say "go on". '),
        millis_per_character=68,
        greetings=words(
            "Hello, this is the Harwick service line, how may I help?|Good morning, you have reached the booking desk.|"
            "Hi there, what can I do for you today?|Welcome back, please tell me what you are calling about."
        ),
        fillers=words("um|uh|Um...|I... um...|hmm|er, uh...|uh, the...|I, I...|Hmm, um.|erm"),
        questions=((ask, who, does, things), (short, things, when), (short, things, exact), (short, things)),
        answers=(
            (lead, who, does, things, when),
            (who, does, things, exact, tail),
            (lead, who, does, things, exact, when),
            (who, does, things, when, tail),
            (lead, who, does, things, exact),
        ),
        question_characters=(18, 65),
        answer_characters=(215, 660),
    )


def chinese():
    pick, number = drawers(12)
    names = crossed(
        words("周|林|贺|唐|罗|韩|邹|魏|梁|阮|薛|孟|段|柳|白"),
        words("师傅|经理|医生|老师|女士|先生|主管|护士|工程师|阿姨"),
        "",
    )
    exact = tuple(
        pick(
            (
                f"编号{pick('BCDFGHKMRTX')}{number(1000, 99999)}",
                f"{pick(words('上午|下午|傍晚|明天|后天|周五'))}{number(1, 12)}点{number(1, 60)}分",
                f"大约{number(4, 2800)}元",
                f"由{pick(names)}负责",
                f"{number(1, 12)}月{number(1, 29)}号以前",
                f"{pick(words('榆林|望江|青石|桂花|北仓|渔港|银杏|纺织'))}{pick(words('路|街|巷|大道'))}{number(2, 399)}号",
                f"最多{number(2, 45)}分钟",
            )
        )
        for _ in range(6000)
    )
    things = crossed(
        words(
            "第二件|您丢失的|已经投保的|备用的|蓝色的|那台损坏的|预付的|超大的|租来的|家里老人的|翻新的|当季的|"
            "取消掉的|周末的|全年的|最便宜的|冷冻的|原来的|临时的|登记过的"
        ),
        words(
            "包裹|锅炉|行李箱|订单|发票|路由器|洗碗机|会员套餐|处方|押金|床垫|快件|预约|温控器|车票|优惠券|自行车|"
            "保修卡|银行转账|水表读数|护照复印件|储物柜|钢琴课|钓鱼许可|货车|听力检查|停车位|太阳能板|缝纫机|车顶箱"
        ),
        "",
    )
    lead = words(
        "据我了解，|好消息是，|说实话，|顺便提醒一下，|如果您方便的话，|按照记录，|刚才|仔细核对以后，|就您的情况来说，|"
        "既然您问到了，|作为特例，|目前来看，|我在屏幕上看到，|幸运的是，|要是您不反对，|首先，|除此之外，|与此同时，|"
        "简单来讲，|到明天晚上，|称重完成以后，|和以往一样，|由于台风，|为了稳妥，"
    )
    who = words(
        "城西仓库|夜班同事|维修师傅|楼上的同事|快递员|另一位工程师|财务部门|社区门诊|合作车行|库房小组|前台|区域经理|"
        "药剂师|第三方检验员|值班护士|预约系统|房东|轮渡公司|修理铺|车间的人|保险公司|学校办公室"
    )
    does = crossed(
        words("可以|已经|会|准备|能够|应当|愿意|无权|可能|还需要|答应|刚刚|不肯|必须|暂时不|正在|下次|马上|没办法|优先"),
        words(
            "更换|打包|取走|检查|推迟|退还|修好|拍照确认|延长|拆开|放错|升级|确认|换掉|签收|预留|送达|放行|承保|分开寄送|"
            "重新测量|退回|保留|贴好|称重|转交|登记|清洗|报价|试用"
        ),
        "",
    )
    when = crossed(
        words("，最迟|，最早|，大概|，争取|，一直到|，改成|，只限|，避开|，约在|，除了|，不算|，暂定"),
        words(
            "周四中午|下周一早上|当天下午|节后|十天左右|三月里|月底|雨停以后|您不在家时|周一开门时|两点到五点|今晚晚些时候|"
            "表格寄到后|隔周星期六|放假期间|电梯修好后|第二次提醒后|交接班时|春分前后|收摊以前|开学那周|退潮的时候"
        ),
        "",
    )
    tail = crossed(
        words("，所以|，因为|，虽然|，不过|，除非|，前提是|，而且|，万一|，当然|，哪怕|，毕竟|，只是|，另外|，据说"),
        words(
            "请留好小票|不用再付钱|要三个工作日|家里得有人|随后会发短信|旧标签作废|楼上正在刷墙|网页上没写|可以带一位朋友|"
            "封条得完好|大桥封闭|侧门开着|这个季节少见|余额退回卡里|另一半在仓库|颜色略有差别|司机记下来了|不必再打电话|"
            "排队的人多|合同里约定过|狗要拴好|楼道很窄|钥匙在门卫那里|信号不太好|押着身份证"
        ),
        "",
    )
    ask = words(
        "请问是不是|我想知道为什么|你们知不知道|邻居跟我说|我还是不明白怎么|麻烦查一下|真的是|没有人告诉我|请解释一下为何|"
        "信里写着|我得弄清楚什么时候|万一|你确定|我打电话是因为"
    )
    short = words(
        "那还有|多少钱一份|我想改一下|请取消|你们把什么放哪儿了，|谁来承担|还能不能退|我没有订过|再讲讲|我弄丢了|什么时候能拿到|找得到"
    )
    return Language(
        joiner="",
        question_stops=("？", "。", "？", "……"),
        answer_stops=("。",) * 9 + ("！", "。\n", "。\n\n", "。您说“可以”就行。"),
        millis_per_character=225,
        greetings=words(
            "您好，这里是城西服务热线，请问有什么可以帮您？|早上好，这里是预约中心。|您好，今天想咨询什么？|欢迎再次来电，请讲。"
        ),
        fillers=words("呃|嗯|那个……|呃……嗯|嗯嗯|啊，这个……|呃，那个|这个……|嗯……|啊"),
        questions=((ask, who, does, things), (short, things, when), (short, things, exact), (short, things)),
        answers=(
            (lead, who, does, things, when),
            (who, does, things, exact, tail),
            (lead, who, does, things, exact, when),
            (who, does, things, when, tail),
            (lead, who, does, things, exact),
        ),
        question_characters=(6, 30),
        answer_characters=(85, 265),
    )


LANGUAGES = (english(), chinese())


def speech(rng, joiner, patterns, stops, characters):
    """Sentences until a length drawn from `characters` is reached."""
    wanted = between(rng, *characters)
    text = ""
    while len(text) < wanted:
        sentence = joiner.join([chosen(rng, slot) for slot in chosen(rng, patterns)])
        text += sentence[0].upper() + sentence[1:] + chosen(rng, stops)
    return text.strip()


class Dialog:
    """Entries in the order of one rising clock."""

    def __init__(self):
        self.entries = []
        self.millis = 0

    def say(self, role, kind, text, after_millis):
        self.millis += after_millis
        self.entries.append(
            {"id": len(self.entries) + 1, "begin": self.millis / 1000, "role": role, "type": kind, "text": text}
        )


def user_speaks(rng, language, dialog):
    if rng.random() < 0.097:
        dialog.say("user", NORMAL, chosen(rng, language.fillers), between(rng, 400, 1500))
        # Sometimes the agent takes a mere filler for a question.
        if rng.random() < 0.25:
            return
    text = speech(
        rng, language.joiner, language.questions, language.question_stops, language.question_characters
    )
    if rng.random() < 0.10:
        middle = len(text) // 2
        cut = text.find(" ", middle) if language.joiner else middle
        if cut > 0:
            dialog.say("user", NORMAL, text[:cut], between(rng, 500, 2800))
            text = text[cut:].strip()
    dialog.say("user", NORMAL, text, between(rng, 500, 2800))


def agent_answers(rng, language, dialog):
    # `begin` of an agent entry is likely the end of its speech: latency, then the time the text takes.
    for _ in range(2 if rng.random() < 0.03 else 1):
        text = speech(
            rng, language.joiner, language.answers, language.answer_stops, language.answer_characters
        )
        latency = between(rng, 600, 2200)
        dialog.say("agent", NORMAL, text, latency + len(text) * language.millis_per_character)


def invented_call(rng, seed, number, calls):
    language = chosen(rng, LANGUAGES)
    dialog = Dialog()
    dialog.say("agent", GREETING, chosen(rng, language.greetings), between(rng, 1500, 5000))
    for _ in range(between(rng, 3, 10)):
        user_speaks(rng, language, dialog)
        agent_answers(rng, language, dialog)
    if rng.random() < 0.20:
        user_speaks(rng, language, dialog)

    # A digest, not random digits: unique whatever the number of calls.
    name = hashlib.blake2b(f"{seed}/{number}".encode(), digest_size=16).hexdigest()
    started = FIRST_START_MICROS + number * 37_000_000 + between(rng, 0, 37_000_000)
    caller = int(rng.random() * max(1, calls // 3))
    call = {
        "instanceid": name,
        "startTime": started / 1_000_000,
        "agentUserId": "AGENT_USER" + name[::-1],
        # The step shares no divisor with the modulus: spread digits, and one ID a caller below 90 million.
        "remoteUserId": str(10_000_000 + caller * 48_271_939 % 90_000_001),
        "dialog": dialog.entries,
    }
    if rng.random() < 0.01:
        call["schemaRevision"] = 1 + int(rng.random() * 4)
        call["annotations"] = {"queue": chosen(rng, ("north", "south")), "flags": [], "score": None}
    return call


def compact(call):
    return json.dumps(call, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def pretty(call):
    return json.dumps(call, ensure_ascii=False, indent=2).encode() + b"\n"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--calls", type=int, default=40_000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--jsonl", type=Path, help="writes one compact call log a line to this file")
    arguments.add_argument("--folder", type=Path, help="writes one indented call log a file below this folder")
    given = arguments.parse_args()
    if not (given.jsonl or given.folder):
        arguments.error("give --jsonl, --folder or both")

    rng = random.Random(given.seed)
    lines = open(given.jsonl, "wb") if given.jsonl else None
    for number in range(given.calls):
        call = invented_call(rng, given.seed, number, given.calls)
        if lines:
            lines.write(compact(call))
        if given.folder:
            subfolder = given.folder / f"{number // CALLS_PER_SUBFOLDER:05}"
            if number % CALLS_PER_SUBFOLDER == 0:
                subfolder.mkdir(parents=True, exist_ok=True)
            (subfolder / f"{number:08}.json").write_bytes(pretty(call))
    if lines:
        lines.close()


if __name__ == "__main__":
    main()
