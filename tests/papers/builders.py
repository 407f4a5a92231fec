"""Sample facts of every kind that is drawn, through the shipped forms."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from core.domain.document_forms import PaperContext, Value, facts_of
from core.domain.documents import CodeImage, DocumentFacts, DocumentKind, Signature, SignMethod
from core.domain.remedies import RemedyDates, RemedyKind, remedy_blocks
from core.papers.render import render
from core.services.document_wording import Forms

BODY = "湖南湘江新区城市管理和综合执法局"
PARTY = "长沙市湘江新区梅溪湖示例餐饮管理有限公司"
AT = datetime(2026, 3, 6, 1, 30, tzinfo=UTC)

VALUES: dict[str, Value] = {
    "party_name": PARTY,
    "uscc": "91430100MA4L1X2Y3K",
    "representative": "王𬭎",
    "address": "湖南省长沙市岳麓区梅溪湖街道环湖路1177号",
    "inspection_kind": "日常检查",
    "task_source": "年度检查计划",
    "items": ("城市道路占用情况的检查", "餐饮油烟排放情况的检查"),
    "legal_basis": "《城市道路管理条例》第二十七条、《湖南省大气污染防治条例》第三十条",
    "method": "现场检查",
    "planned_time": "2026年3月6日9时00分至2026年3月6日12时00分",
    "inspected_time": "2026年3月6日9时10分至2026年3月6日11时25分",
    "place": "长沙市岳麓区梅溪湖街道环湖路1177号一层",
    "officers": "张三（18010112345）、李四（18010112346）",
    "recorder": "李四",
    "assistant_count": "0人",
    "visit_count": "1次/2次",
    "complaint_phone": "0731-88880000",
    "approval": "同意。",
    "applicant_opinion": "拟同意。",
    "person_name": "赵五",
    "person_post": "店长",
    "told": "检查人员出示了行政执法证件，告知了检查事项、依据和权利义务。",
    "recusal": "不申请回避",
    "findings": (
        ("城市道路占用情况的检查", "是否擅自占用城市道路", "不合格", "店外摆放桌椅占道3.2平方米，现场量得"),
        ("餐饮油烟排放情况的检查", "油烟净化设施是否正常使用", "合格", ""),
    ),
    "evidence": (("1", "IMG_0001.jpg", "占道经营现状", "ab12" * 16),),
    "measures": "当场责令改正。",
    "results": (("城市道路占用情况的检查", "发现问题"), ("餐饮油烟排放情况的检查", "未发现问题")),
    "problems": "店外摆放桌椅占用城市道路3.2平方米。",
    "suggestions": "请及时清理，规范经营。",
    "objection_channel": "拨打监督电话0731-88880000",
    "fact": "2026年3月6日，你单位在店外摆放桌椅占用城市道路，面积3.2平方米。",
    "breached": "《城市道路管理条例》第二十七条第一项",
    "basis": "《中华人民共和国行政处罚法》第二十八条第一款、《城市道路管理条例》第四十二条",
    "requirement": "清除占道桌椅，恢复道路原状。",
    "due_text": "2026年3月13日",
    "consequence": "本机关将依法处理。",
    "violation": "擅自占用城市道路摆放桌椅，面积3.2平方米。",
    "violation_time": "2026年3月6日",
    "violation_place": "环湖路1177号门前",
    "evidence_text": "现场检查笔录一份、照片三张。",
    "penalty": "罚款500元（人民币伍佰元整）",
    "payment": "当事人应当自收到本决定书之日起15日内到指定银行缴纳罚款。",
    "statement": "当事人未作陈述、申辩。",
    "reasons": "《中华人民共和国行政处罚法》第三十三条第一款：\n"
    "（一）首次违法：经查两年内无同类记录；\n（二）危害后果轻微；\n（三）已及时改正。",
    "rule_text": "CSCG-2022-001@2022",
    "correction": "当事人已于当日改正，经复查属实。",
    "education": "已对当事人进行法制教育，讲解《城市道路管理条例》有关规定。",
    "undertaking": "立即清理占道物品，今后不再占道经营。",
    "served_documents": (("责令改正通知书", "湘新城管责改〔2026〕3号", "1"),),
    "service_place": "环湖路1177号",
    "service_method": "直接送达",
    "file_title": f"{BODY}对{PARTY}的行政检查",
    "visit_number": "2026-000123",
    "conclusion": "发现问题1项，已责令改正",
    "index": (("1", "行政检查通知书", "湘新城管检通〔2026〕12号", "2026-03-06", ""),),
    "case_title": "擅自占用城市道路案",
    "case_source": "行政检查中发现",
    "clue_time": "2026年3月6日",
    "decide_by": "2026年6月4日",
    "surveyor": "张三",
    "survey_method": "卷尺测量（编号JC-07）",
    "survey_findings": "店门外侧人行道上摆放折叠桌4张、塑料椅16把，占用范围呈长方形，长3.2米、宽1.0米。",
    "measurements": (("店门外侧", "占道长度", "3.2米", "卷尺JC-07"), ("店门外侧", "占道宽度", "1.0米", "卷尺JC-07")),
    "drawings": "现场平面图1张",
    "interview_time": "2026年3月6日10时20分至2026年3月6日10时55分",
    "interview_place": "环湖路1177号店内",
    "person_id": "430102199001010011",
    "person_phone": "13800000000",
    "relation": "当事人的店长",
    "told_answer": "看清楚了，听明白了。",
    "answers": "问：请你介绍一下你的身份。\n答：我是这家店的店长，负责日常经营。\n问：店外的桌椅是谁摆放的？\n"
    "答：是我安排员工在2026年3月5日晚上摆放的，用来给等位的顾客坐，没有办理占道手续。",
    "sampling_time": "2026年3月6日10时00分",
    "sampling_reason": "需要检验油烟净化剂的成分",
    "samples": (("油烟净化剂", "500mL", "20260101", "2瓶", "40瓶", "完好"),),
    "sampling_method": "随机抽取",
    "seal_state": "当场封样，封条编号F-001，双方签名",
    "storage": "阴凉干燥处，本机关样品室",
    "preserve_reason": "涉案桌椅可能被转移",
    "keep_place": "长沙市岳麓区梅溪湖街道环湖路1177号店内",
    "keep_method": "就地保存",
    "hold_until": "2026年3月17日",
    "goods": (("折叠桌", "80×80cm", "4张", "八成新", ""), ("塑料椅", "无", "16把", "八成新", "红色")),
    "head_decision": "周七，2026年3月6日9时50分",
    "notice_ref": "湘新城管登存〔2026〕12号（2026年3月6日）",
    "disposals": (("折叠桌", "80×80cm", "4张", "退还当事人"), ("塑料椅", "无", "16把", "退还当事人")),
    "measure_kind": "扣押",
    "seal_reason": "当事人擅自占用城市道路摆放桌椅，经责令仍不清除",
    "sealed_until": "2026年4月7日",
    "scene": "当事人到场",
    "extension_kind": "延长",
    "decision_ref": "湘新城管强决〔2026〕12号（2026年3月6日）",
    "extension_reason": "案情复杂，需要委托鉴定",
    "old_until": "2026年4月7日",
    "new_until": "2026年5月7日",
    "intended_reasons": "当事人配合调查，占用面积较小，未造成危害后果。",
    "hearing_grounds": "较大数额罚款",
    "hearing_until": "2026年3月13日",
    "contact": "张三，0731-88880000，长沙市岳麓区示例路1号",
    "statement_time": "2026年3月9日10时00分至10时30分",
    "statement_place": "本机关302室",
    "statement_evidence": "现场照片2张",
    "review": "经复核，当事人提出的事实成立，已在裁量中考虑。",
    "legal_review": "审核通过（钱八，2026年3月16日）",
    "pay_until": "2026年3月23日",
    "education_time": "2026年3月6日11时00分至11时20分",
    "education_kind": "约谈",
    "service_recipient": "赵五",
    "service_address": "长沙市岳麓区梅溪湖街道环湖路1177号",
    "electronic_consent": "同意",
    "electronic_address": "电子邮件 zhaowu@example.com",
    "recipient": "长沙市公安局岳麓分局",
    "transfer_kind": "涉嫌犯罪案件移送",
    "transfer_reason": "上述行为涉嫌犯罪，依法应当移送司法机关。",
    "attachments": (("涉嫌犯罪案件移送书", "1", ""), ("调查报告", "1", ""), ("涉案物品清单", "1", "")),
    "order_ref": "湘新城管责改〔2026〕3号（2026年3月6日）",
    "recheck_time": "2026年3月13日15时00分",
    "rechecks": (("占用城市道路", "清除占道桌椅", "桌椅已清除，路面完好", "已改正"),),
    "recheck_opinion": "责令改正的事项已全部改正。",
    "lead_body": BODY,
    "members": (
        (BODY, "城市道路占用情况的检查", "张三（18010112345）、李四（18010112346）"),
        ("湖南湘江新区市场监督管理局", "食品经营许可情况的检查", "王九（18010112347）、孙十（18010112348）"),
    ),
    "received_ref": "湘执监〔2026〕5号",
    "received_on": "2026年3月2日",
    "reply_by": "2026年4月1日",
    "opinion": "部分检查笔录未逐页签名，应予纠正。",
}

KINDS = Forms().kinds()
CODE = CodeImage(text="MJ1:ABC", matrix=tuple(tuple((r * c) % 3 == 0 for c in range(21)) for r in range(21)))
DATES = RemedyDates(served_on="2026年3月6日", reconsider_until="2026年5月6日", sue_until="2026年9月7日")


def facts(
    kind: DocumentKind, *, values: dict[str, Value] | None = None, number: str = "", **context: Any
) -> DocumentFacts:
    """Return complete facts of a kind; `values` and context fields replace the samples."""
    form = Forms().form(kind)
    signatures: tuple[Signature, ...] = context.pop("signatures", ())
    base: dict[str, Any] = {
        "id": "0195f0a0-0000-7000-8000-000000000001",
        "visit": "v-1",
        "body": BODY,
        "issued_at": AT,
        "issued_on": date(2026, 3, 6),
        "chain_head": "3f" * 32,
        "station": "梅溪湖示例站",
    }
    remedy = (
        remedy_blocks(RemedyKind(form.remedy), reconsideration_body="长沙市人民政府", dates=DATES)
        if form.remedy
        else ()
    )
    abbr = f"湘新城管{form.type_abbr}〔2026〕12号" if form.type_abbr else ""
    return facts_of(
        form,
        VALUES | (values or {}),
        PaperContext(**(base | context)),
        number=number or abbr,
        signatures=signatures,
        remedy=remedy,
    )


@cache
def pdf_of(kind: DocumentKind) -> bytes:
    """Return the sample paper of a kind, drawn once a run."""
    return render(facts(kind), code=CODE)


def refusal(role: str = "party") -> Signature:
    return Signature(
        role=role,
        name="赵五",
        method=SignMethod.REFUSED,
        reason="认为处理过重，拒绝签字",
        witness="梅溪湖街道社区工作人员刘六",
        media=("ab" * 32,),
        signed_at=AT,
    )


def drawn(role: str = "officer", name: str = "张三") -> Signature:
    strokes = ((50, 500, 200, 200, 350, 700, 500, 300), (550, 250, 700, 650, 950, 350))
    return Signature(role=role, name=name, method=SignMethod.DRAWN, strokes=strokes, signed_at=AT)


def long_record() -> DocumentFacts:
    """Return a scene record of five pages with a refusal, a late scan and demo data."""
    rows = tuple(
        (
            f"检查事项{n}",
            "是否按照规定设置安全标志、配备消防器材并定期检查维护",
            "合格",
            f"现场查看第{n}处，共1,234.5平方米，符合要求。",
        )
        for n in range(1, 27)
    )
    return facts(
        DocumentKind.SCENE_RECORD,
        values={"findings": rows},
        signatures=(refusal(), drawn(), drawn(name="李四")),
        is_demo=True,
        late_reason="网络中断，2026年3月6日15时02分补扫",
    )


def code_text() -> str:
    return "MJ1:" + "A1B2C3" * 55
