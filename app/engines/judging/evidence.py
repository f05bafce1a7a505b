# ruff: noqa: E501 (patterns and word lists)
"""What a sentence brings: own action, detail, a reason, a result. Each is counted by signs, never by length."""

import re
from dataclasses import dataclass
from typing import Final

from app.engines.judging.pieces import STOP_WORDS, stem, words

_ACTIONS: Final = frozenset(
    stem(word)
    for word in ["accept", "add", "address", "adjust", "administer", "advise", "agree", "align", "analyse", "analyze", "answer", "apologise", "apologize", "apply", "approach", "arrange", "ask", "assemble", "assess", "assign", "attach", "audit", "automate", "balance", "begin", "bind", "bleed", "block", "book", "break", "bring", "brief", "build", "buy", "calculate", "calibrate", "call", "cancel", "change", "charge", "check", "choose", "clamp", "clarify", "clean", "clear", "close", "coach", "collect", "combine", "compare", "compile", "complete", "confirm", "connect", "consult", "contact", "contain", "cook", "cool", "coordinate", "correct", "count", "cover", "create", "cut", "deal", "decide", "decline", "defend", "define", "delay", "delegate", "deliver", "demonstrate", "deploy", "describe", "design", "develop", "diagnose", "disable", "discard", "disconnect", "discuss", "disinfect", "dispose", "divide", "document", "drain", "draw", "dress", "drill", "drive", "drop", "earth", "elevate", "email", "encrypt", "ensure", "escalate", "establish", "estimate", "evacuate", "evaluate", "examine", "exchange", "exclude", "explain", "extend", "file", "fill", "find", "fit", "fix", "flag", "flush", "follow", "gather", "give", "grind", "group", "guide", "hand", "handle", "heat", "help", "hire", "hold", "identify", "implement", "improve", "increase", "index", "inform", "inject", "inspect", "install", "instruct", "insulate", "interview", "introduce", "investigate", "invite", "isolate", "join", "keep", "label", "launch", "lay", "lead", "learn", "level", "lift", "limit", "link", "list", "listen", "load", "locate", "lock", "log", "loosen", "lower", "maintain", "map", "mark", "measure", "mediate", "meet", "mentor", "merge", "migrate", "mix", "mobilise", "monitor", "mount", "move", "negotiate", "note", "notice", "notify", "number", "observe", "offer", "open", "order", "organise", "organize", "own", "pack", "paint", "phone", "place", "plan", "plant", "point", "post", "practise", "prepare", "present", "press", "prevent", "print", "prioritise", "prioritize", "profile", "program", "propose", "protect", "prove", "prune", "pull", "put", "query", "question", "raise", "ran", "reach", "read", "rebook", "rebuild", "recommend", "reconcile", "record", "recount", "recruit", "reduce", "refactor", "refer", "refuse", "reject", "release", "remind", "remove", "reorganise", "repair", "repeat", "replace", "reply", "report", "rerun", "research", "reserve", "reset", "resolve", "respond", "restart", "restore", "retest", "return", "reverse", "review", "revise", "rewire", "rewrite", "rinse", "roll", "rotate", "route", "run", "save", "scan", "schedule", "seal", "search", "secure", "sell", "send", "separate", "serve", "set", "settle", "share", "shift", "show", "sign", "simplify", "sit", "slice", "slow", "solder", "solve", "sort", "speak", "split", "stabilise", "start", "stay", "sterilise", "stop", "store", "store", "strip", "structure", "submit", "suggest", "supervise", "support", "swap", "switch", "take", "talk", "taught", "teach", "tell", "test", "throw", "tie", "tighten", "time", "told", "took", "trace", "track", "train", "transfer", "treat", "trim", "trip", "try", "turn", "update", "upgrade", "use", "validate", "ventilate", "verify", "visit", "wait", "walk", "warn", "wash", "watch", "water", "wear", "weigh", "weld", "wipe", "withdraw", "work", "wrap", "write", "wrote", "made", "made", "got", "went", "came", "gave", "kept", "held", "brought", "found", "chose", "sent", "spoke", "met", "led", "ran", "drew", "built", "wrote", "drove", "grew", "taught", "sold", "bought", "paid", "cut", "hung", "laid", "felt", "saw", "heard", "swept", "rang", "rung", "sat", "stood", "understood", "showed", "threw", "wore", "split", "left", "lent"]
)  # fmt: skip
_WEAK: Final = frozenset(
    ["make", "making", "give", "giving", "work", "working", "keep", "keeping", "bring", "bringing", "take", "taking", "find", "deal", "dealing", "handle", "handling", "stay", "staying", "try", "trying", "learn", "learning", "set", "use", "go", "going", "get", "start", "improve", "ensure", "share", "support", "help", "lead", "manage", "follow", "follows", "motivate", "optimise", "optimize", "see", "look"]
)  # fmt: skip
_STATES: Final = frozenset(
    [
        "am",
        "was",
        "were",
        "be",
        "been",
        "think",
        "believe",
        "feel",
        "like",
        "love",
        "know",
        "hope",
        "want",
        "guess",
        "suppose",
        "mean",
        "consider",
        "enjoy",
        "tend",
        "wish",
        "need",
        "hate",
        "prefer",
    ]
)
_AUXILIARY: Final = frozenset({"do", "don't", "can", "can't", "not", "could", "am", "have", "had", "work"})
_FIRST: Final = re.compile(
    r"\b(?:i|i'd|i've|i'll)\b((?:\s+(?:would|will|had|have|then|also|first|always|usually|immediately|never|just|personally|even|could|finally|at once|did|again|quickly|still|only|now|myself|later|both|therefore|and|once|simply|normally|once))*)\s+([a-z'-]+)",
    re.IGNORECASE,
)
_OUR: Final = re.compile(r"\b(?:we|the team|they|everyone|everybody)\b", re.IGNORECASE)
_NUMBER: Final = re.compile(
    r"(?<![\w.])[€$£₹]?\d+(?:[.,:]\d+)*\s?(?:%|percent|°|[a-zµΩ²]+\b)?|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|hundred|thousand|half|third|quarter|twice|double|doubled|dozen)\b",
    re.IGNORECASE,
)
_NAME: Final = re.compile(
    r"(?<=[a-z,;] )(?!I\b|I'|I’|English\b|God\b|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)(?:[A-Z][\w-]*[a-z0-9A-Z]|[A-Z]{2,})"
)
_REASON: Final = re.compile(
    r"\b(?:because|since (?:the|it|we|they|that|this)|so that|in order to|which is why|that is why|that's why|otherwise|the reason|due to|therefore|which (?:meant|showed|told|explained|caused|would)|turned out|it meant|that meant|so (?:i|we|the|it|they|nobody|everyone)\b|to (?:avoid|prevent|make sure|be sure|ensure|find out|see whether|see if|keep|rule out|show|protect)|in case|if (?:it|the|they|that|he|she|not|we|nothing|there)|unless|rather than|instead of|depends on|as long as|even though|although)",
    re.IGNORECASE,
)
_ORDER: Final = re.compile(
    r"\b(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|then|next|after (?:that|this|the|each|every|we|i)|afterwards|before (?:that|i|we|the|any|going|doing|each|leaving|touching)|finally|at last|once (?:the|it|that|i|we)|only then|meanwhile|at the same time|at once|straight away|immediately|until)\b",
    re.IGNORECASE,
)
_RESULT: Final = re.compile(
    r"\b(?:as a result|the result|in the end|since then|from then on|ever since|reduc(?:ed|ing)|increas(?:ed|ing)|dropp?ed|fell|rose|sav(?:ed|es|ing)|improv(?:ed|ing)|went (?:down|up|from|back)|no longer|now (?:we|the|it|they|every|each|all|takes|uses|has)|solved|passed|delivered|recovered|came (?:back|down|out)|never (?:happened|came|had|returned|lost|missed)|has not (?:happened|come|failed|returned)|hasn't|have not had|on time|within (?:the )?budget|instead of \d+|from \d[^.]{0,40} to \d|down to|up to \d|still (?:use|uses|used|in use|runs|works|there|do it)|was accepted|was adopted|agreed (?:to|on|that)|thanked|signed|renewed|stayed|settled|closed|finished|worked (?:again|out)|held|without (?:a|an|any|one) (?:single )?(?:complaint|error|injury|accident|fault|finding|delay|fine|loss)|zero|caught|took over)\b",
    re.IGNORECASE,
)
_CHECK: Final = re.compile(
    r"\b(?:check(?:ed|s|ing)?|verif\w+|test(?:ed|s|ing)?|confirm(?:ed|s)?|measur\w+|compar(?:ed|e|ing)|review(?:ed)?|reconcil\w+|prov(?:e|ed|en) (?:that|it|dead)|double[- ]check\w*|inspect\w*|look(?:ed)? again|monitor\w*|watch(?:ed)?|record(?:ed|s)?|document(?:ed|s)?|wrote (?:down|it|a|the)|wr(?:ite|itten) (?:down|it|a|report)|log(?:ged)?|followed up|read back|ask(?:ed)? (?:them|him|her) to repeat|learn(?:ed|t)|would do (?:it )?differently|next time|alternative\w*|trade-?off\w*|weigh(?:ed)?|risk\w*|downside|limit(?:s|ation)?)\b",
    re.IGNORECASE,
)
_OTHERS: Final = re.compile(
    r"\b(?:told|asked|explained|called|informed|agreed|showed|spoke|talked|listened|reported|handed over|apologi[sz]ed|offered|promised|let (?:him|her|them|the)|warned|wrote to|rang|phoned|met with|invited)\b",
    re.IGNORECASE,
)
_POOR: Final = re.compile(
    r"\b(?:not my (?:job|problem|fault|business|responsibility|concern)|nothing i could do|(?:did not|didn't|do not|don't|never|wouldn't|would not|without) (?:really |actually |even |ever |usually |normally |bother(?:ed)? to |need to |want to |have to )*(?:check|test|tell|ask|inform|report|document|write|measure|verify|call|care|mind|bother|listen|read|worry|wait|plan|prepare|look|checking|testing|telling|asking|reporting|measuring|documenting|reading|listening)\w*|(?:just|simply) (?:left|waited|ignore\w*|guess\w*|sign\w*|carr(?:y|ied) on|hop\w+|accept\w*|gave up|give up|let it|did it|did what|do what|tell them to|told (?:them|him|her) (?:to|that)|restart\w*|try things|copy|wait)|hope(?:d)? (?:for the best|that nobody|that no one|it)|can't remember|cannot remember|don't remember|somebody else|someone else's|other people's fault|their (?:own )?fault|stupid|idiot\w*|annoy(?:ed|ing)|waste of time|who cares|doesn't matter|does not matter|no big deal|not (?:that |so )?important|too much effort|i'd ignore|i would ignore|ignored (?:it|him|her|them)|pretend\w*|blam\w+|hid it|cover(?:ed)? it up|look(?:ed)? away|keep quiet|kept quiet|said nothing|shout(?:ed)? (?:back|at))\b",
    re.IGNORECASE,
)
_EMPTY: Final = re.compile(
    r"\b(?:team player|hard[- ]?working|(?:very |really |extremely |highly )(?:motivated|passionate|dedicated|organi[sz]ed|experienced|professional|important|good at|reliable|flexible|careful|committed)|passionate about|give (?:it )?(?:110|100|my best|my all)|110 ?%|go the extra mile|think outside|people person|perfectionist|best practices?|state[- ]of[- ]the[- ]art|synerg\w+|holistic|proactive(?:ly)?|results?-driven|at the end of the day|always (?:do|try|give) my best|work well under pressure|attention to detail|strong communicator|fast learner|quick learner|excellent (?:communication|skills)|various|different (?:things|ways|situations|kinds)|many (?:things|ways|situations)|and so on|etc\b|and stuff|or something|kind of|sort of|stuff like|in general|generally speaking|basically|everything (?:was|went) (?:fine|ok|okay|well|good)|it (?:all )?worked out|key to success|is (?:very |really |so |extremely )?(?:important|essential|crucial|vital|key))\b",
    re.IGNORECASE,
)
NO_ANSWER: Final = re.compile(
    r"^\W*(?:(?:sorry|well|um+|uh+|hmm+|er+|honestly|to be honest|ok(?:ay)?|so|actually|oh|i'm afraid|i am afraid|good question|i have to say|unfortunately)\W+)*"
    r"(?:i (?:really |honestly |just |simply |truly )*(?:do not|don't|dont|did not|didn't|can't|cannot|can not|couldn't|could not|would not|wouldn't|have no|haven't|have not|am not|never|'m not)(?: really| honestly| even| any| currently| ever)? ?(?:know|idea|clue|sure|remember|recall|think of|answer|say|understand|have (?:an answer|any|anything|an example|experience)|had|got|done|experience|able)|(?:i'm|im) not (?:sure|certain|able)|no (?:idea|clue|answer|comment|experience|thoughts?)|not sure|dunno|idk|pass\b|skip\b|next(?: question)?\b|nothing\b|n/?a\b|none\b|no\b\W*$|yes\b\W*$|maybe\b\W*$|nope\b|can't (?:say|think)|cannot (?:say|think)|hard to say|that's a (?:hard|good|difficult) (?:one|question)|never (?:happened|had|thought)|it has never happened|what do you mean|i'd (?:rather not|have to (?:look|google))|i would have to (?:look|google))",
    re.IGNORECASE,
)
NO_ANSWER_WORDS: Final = 14
LIST_COMMAS: Final = 4


@dataclass(frozen=True, slots=True)
class Signs:
    """Counts for one sentence; `poor` speaks against it, `empty` says nothing."""

    own: int
    actions: frozenset[str]
    numbers: int
    names: int
    terms: frozenset[str]
    reasons: int
    results: int
    checks: int
    others: int
    poor: int
    empty: int
    listed: bool


def signs(sentence: str, known: frozenset[str], rare: frozenset[str]) -> Signs:
    """`known` are stems that the question brought in already; `rare` are words outside everyday language."""
    said = words(sentence)
    stems = [stem(word) for word in said]
    actions = frozenset(
        s for s, word in zip(stems, said, strict=True) if s in _ACTIONS and word not in STOP_WORDS and word not in _WEAK
    )
    plain = sentence.replace("’", "'")
    return Signs(
        own=_own(plain),
        actions=actions,
        numbers=len(_NUMBER.findall(plain)),
        names=len(set(_NAME.findall(plain))),
        terms=frozenset(s for s, word in zip(stems, said, strict=True) if word in rare and s not in known),
        reasons=len(_REASON.findall(plain)) + len(_ORDER.findall(plain)),
        results=len(_RESULT.findall(plain)),
        checks=len(_CHECK.findall(plain)),
        others=len(_OTHERS.findall(plain)),
        poor=len(_POOR.findall(plain)),
        empty=len(_EMPTY.findall(plain)),
        listed=_is_list(sentence, said, len(actions)),
    )


def _own(sentence: str) -> int:
    found = [verb.lower() for _, verb in _FIRST.findall(sentence)]
    return sum(verb not in _STATES and verb not in _WEAK and verb not in _AUXILIARY for verb in found)


def _is_list(sentence: str, said: list[str], actions: int) -> bool:
    """Keywords in a row are no sentence: many commas, hardly a small word between them."""
    if len(said) < 2 * LIST_COMMAS:
        return False
    small = sum(word in STOP_WORDS for word in said) / len(said)
    return small < 0.12 or (sentence.count(",") >= LIST_COMMAS and small < 0.2 and actions < LIST_COMMAS)  # noqa: PLR2004


def no_answer(answer: str) -> bool:
    """Whether this is "I don't know" or its kin, and nothing follows that answers after all."""
    plain = answer.replace("’", "'").strip()
    return bool(NO_ANSWER.match(plain)) and len(plain.split()) <= NO_ANSWER_WORDS
