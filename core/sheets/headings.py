"""The one alias table: under which headings offices write the fields of a list.

The first heading of a field is the one that templates and exports write; earlier headings bind stronger than later
ones, because 项目 is the item only where no 事项 stands beside it. English headings are the names of the fields and
of the columns of data files. Fields without a line here cannot come from a sheet.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from core.domain.list_rows import RECORDS
from core.domain.lists import ListKind

_SUBJECT = (
    "检查主体 抽查主体 行政检查主体 实施主体 执法主体 实施机关 检查机关 执法机关 行政机关 "
    "检查部门 抽查部门 实施部门 责任部门 执法部门 主管部门 监管部门 牵头部门 检查单位 实施单位 "
    "责任单位 部门 单位 subject"
)
_ITEM = (
    "检查事项 抽查事项 检查事项名称 抽查事项名称 行政检查事项名称 行政检查事项 随机抽查事项 "
    "监督检查事项 执法检查事项 事项名称 检查事项清单 检查任务 任务名称 检查名称 检查项目 "
    "抽查项目 项目名称 事项 项目"
)
_OBJECT = (
    "检查对象 抽查对象 检查对象类别 检查对象范围 被检查对象 监管对象 受检对象 适用对象 对象范围 "
    "对象类别 对象 object_class"
)
_BASIS = "检查依据 抽查依据 法律依据 法律法规依据 设定依据 实施依据 法定依据 执法依据 政策依据 依据 legal_basis basis"
_METHOD = "检查方式 抽查方式 检查方法 抽查方法 检查形式 检查手段 方式 方法 method"
_FREQUENCY = (
    "频次/比例 检查频次 抽查比例频次 抽查比例和频次 检查比例和频次 检查比例频次 抽查比例 "
    "抽查频次 检查比例 频次上限 年度频次 频率 频次 比例 frequency"
)
_LEVEL = "层级 实施层级 行使层级 检查层级 抽查层级 执法层级 级别 level"
_NAME = "名称 name"

_ALIASES: dict[ListKind, dict[str, str]] = {
    ListKind.SUBJECTS: {
        "name": (
            "检查主体名称 主体名称 检查主体 行政检查主体 执法主体名称 执法主体 机关名称 单位名称 "
            "部门名称 单位 部门 " + _NAME
        ),
        "kind": "主体性质 主体类别 主体类型 机构性质 性质 类别 类型 kind",
        "field": "执法领域 领域 行业领域 系统 field",
        "entrusting_subject": "委托机关 委托单位 委托主体 entrusting_subject",
        "entrustment_no": "委托书编号 委托书文号 委托文号 entrustment_no",
        "agency_abbr": "机关代字 发文代字 文号代字 代字 agency_abbr",
        "address": "地址 办公地址 住所 address",
        "phone": "联系电话 电话 办公电话 phone",
        "complaint_phone": "投诉举报电话 监督电话 投诉电话 举报电话 complaint_phone",
        "reconsideration_body": "行政复议机关 复议机关 reconsideration_body",
        "court": "行政诉讼管辖法院 管辖法院 法院 court",
        "is_listed": "是否公告 是否在册 是否公布 is_listed",
        "listed_from": "公告日期 公布日期 确认日期 listed_from",
        "listed_to": "退出日期 失效日期 撤销日期 listed_to",
    },
    ListKind.ITEMS: {
        "subject": _SUBJECT,
        "name": _ITEM + " item_name " + _NAME,
        "content": (
            "检查内容 抽查内容 检查要点 检查内容要点 事项内容 主要内容 检查标准 检查要求 内容 "
            "检查人员要求备注 检查人员要求 content"
        ),
        "object_class": _OBJECT,
        "legal_basis": _BASIS,
        "method": _METHOD,
        "frequency": _FREQUENCY,
        "level": _LEVEL,
        "category": "事项类别 事项类型 抽查类别 检查类别 事项分类 类别 category",
        "code": "事项编码 检查事项编码 事项代码 实施清单编码 权责清单编码 code",
        "checklist": "检查表 检查表单 checklist",
        "in_force_from": "生效日期 施行日期 启用日期 in_force_from",
        "in_force_to": "失效日期 停用日期 废止日期 in_force_to",
    },
    ListKind.PLANS: {
        "title": "计划名称 抽查计划名称 检查计划名称 计划标题 plan_title title",
        "year": "年度 计划年度 年份 year",
        "subject": "牵头部门 发起牵头部门 发起部门 牵头单位 牵头主体 lead_subject " + _SUBJECT,
        "partner_subjects": "配合部门 联合部门 协同部门 参与部门 参加部门 联合检查部门 配合单位 partner_subjects",
        "item_name": _ITEM + " item_name",
        "object_class": _OBJECT,
        "ratio_or_count": (
            "抽查比例户数 抽查比例或户数 抽查比例数量 比例或数量 检查数量 抽查数量 抽查户数 检查户数 "
            "计划户数 检查家数 户数 数量 ratio_or_count " + _FREQUENCY
        ),
        "months_text": (
            "检查时间 抽查时间 检查月份 实施时间 检查时限 时间安排 完成时限 计划时间 起止时间 时间 月份 months"
        ),
        "method": _METHOD,
        "level": _LEVEL,
        "basis": _BASIS,
        "is_special": "是否专项 专项检查 计划类型 计划类别 is_special",
        "approved_by": "批准机关 审批机关 批准单位 approved_by",
        "is_by_superior": "是否上级部署 上级部署 is_by_superior",
        "enterprises": "检查企业 企业代码 检查企业代码 检查对象代码 检查对象名单 enterprises",
        "filed_on": "备案日期 备案时间 filed_on",
        "url": "公布网址 网址 链接 公示链接 url",
    },
    ListKind.ENTERPRISES: {
        "name": (
            "企业名称 单位名称 市场主体名称 经营主体名称 主体名称 商户名称 字号名称 企业全称 被检查对象名称 " + _NAME
        ),
        "uscc": "统一社会信用代码 社会信用代码 信用代码 统一代码 统一社会信用代码注册号 uscc",
        "no_uscc_reason": "无代码原因 no_uscc_reason",
        "legacy_number": "注册号 工商注册号 营业执照注册号 legacy_number",
        "initials": "拼音首字母 拼音简码 initials",
        "entity_type": "主体类型 市场主体类型 企业类型 经营主体类型 类型 entity_type",
        "district_code": "行政区划代码 区划代码 district_code",
        "street_code": "街道代码 镇街代码 街镇代码 street_code",
        "street": (
            "所属街道 所属镇街 所在镇街 所属乡镇街道 所属乡镇 所在街道 街道 镇街 街镇 乡镇街道 乡镇 street_name street"
        ),
        "address": "住所 地址 经营地址 注册地址 住所经营场所 经营场所 生产经营地址 address",
        "industry_code": "行业代码 industry_code",
        "industry": "行业名称 行业 所属行业 行业类别 industry_name industry",
        "size_class": "企业规模 规模 size_class",
        "grade": "信用等级 风险等级 信用风险等级 信用风险分类 信用分类 风险分类 分级 等级 credit_grade grade",
        "legal_rep": "法定代表人 法定代表人负责人 法人代表 负责人 经营者 legal_rep",
        "phone": "联系电话 电话 手机 联系方式 phone_masked phone",
        "established_on": "成立日期 注册日期 设立日期 established_on",
        "status": "登记状态 经营状态 存续状态 状态 reg_status status",
    },
    ListKind.OFFICERS: {
        "name": "姓名 执法人员姓名 人员姓名 执法人员 检查人员 " + _NAME,
        "subject": "执法主体 所属执法主体 所在单位 工作单位 所属单位 执法单位 所属部门 " + _SUBJECT,
        "roles": "角色 岗位 职责 roles",
        "cert_no": "执法证号 行政执法证号 执法证件号 执法证编号 证件编号 证件号码 证件号 证号 cert_no",
        "cert_from": "发证日期 证件有效期起 有效期起 有效期自 起始日期 cert_from",
        "cert_to": "有效期至 证件有效期至 有效期止 证件有效期 截止日期 有效期限 有效期 cert_to",
        "cert_state": "证件状态 执法证状态 状态 cert_state",
        "phone": "联系电话 电话 手机 phone",
        "sign_public": "签名公钥 公钥 sign_public",
    },
    ListKind.LENIENCY: {
        "list_type": "清单类型 清单类别 处理方式 裁量类型 裁量情形 从宽类型 list_type",
        "agency": "实施机关 执法机关 执法部门 实施部门 执法领域 领域 agency " + _SUBJECT,
        "violation": "违法行为 违法行为名称 违法情形 违法事项 轻微违法行为 违法行为事项 事项名称 violation",
        "violation_basis": "设定依据 违法依据 违反条款 定性依据 违则 禁止性规定 violation_basis",
        "penalty_basis": "处罚强制依据 处罚依据 强制依据 处罚条款 罚则 penalty_basis",
        "conditions": "适用条件 适用情形 不予处罚条件 免罚条件 具体情形 条件 conditions",
        "leniency_basis": "不予处罚等依据 不予处罚依据 从宽依据 免罚依据 减免依据 裁量依据 依据 leniency_basis",
        "valid_from": "有效期自 有效期起 生效日期 施行日期 valid_from",
        "valid_to": "有效期至 有效期止 失效日期 valid_to",
        "place": "地区 适用地区 适用地域 地域 place",
    },
    ListKind.CALENDAR: {
        "day": "日期 日 day date",
        "is_working": "是否工作日 工作日 日期类型 类型 类别 安排 is_working",
        "name": "说明 节日 节假日名称 假期名称 节假日 " + _NAME,
    },
    ListKind.CAPS: {
        "text": "频次上限 检查频次上限 年度频次上限 年度上限 上限 检查频次 频次 次数上限 text cap",
        "times": "每年次数 年度次数 次数 times",
        "subject": _SUBJECT,
        "item_name": _ITEM + " item_name",
        "credit_grade": "信用等级 风险等级 等级 credit_grade",
        "object_class": _OBJECT,
        "basis": _BASIS,
    },
}
# Columns of every list: where a row comes from, and the mark that finds the same row again in a changed export.
_COMMON = {
    "origin": "数据性质 origin",
    "source_id": "来源码 来源编号 内部编码 系统编码 source_id",
    "id": "行标识 id",
}
SEQUENCE = frozenset({"序号", "编号", "序列", "行号", "seq", "no"})
# A heading that only contains an alias is still taken, unless it says that it is about something else.
_OTHER_MATTER = re.compile(r"备注|说明|编码|代码|序号|附件|要求|联系|电话|盖章|人数|续$")
_BRACKETS = re.compile(r"[(\[{【〔][^)\]}】〕]*[)\]}】〕]?")
_MARKS = re.compile(r"[\W_]+")
WEIGHT_EXACT, WEIGHT_BARE, WEIGHT_CONTAINED = 100, 70, 20


def heading_key(text: str) -> str:
    """Return a heading without white space, width, case and punctuation; what stands in brackets stays."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).lower()


def bare_key(text: str) -> str:
    """Return a heading's key without what stands in brackets."""
    return heading_key(_BRACKETS.sub("", unicodedata.normalize("NFKC", text)))


@cache
def aliases(kind: ListKind) -> dict[str, dict[str, int]]:
    """Return field → heading key → place in the order of strength, for one kind of list."""
    table = _ALIASES[kind] | _COMMON
    assert set(table) <= set(RECORDS[kind].__struct_fields__), f"headings of {kind} name a field that is none"
    return {field: _keys(names) for field, names in table.items()}


def _keys(names: str) -> dict[str, int]:
    keys: dict[str, int] = {}
    for place, name in enumerate(names.split()):
        keys.setdefault(heading_key(name), place)
        # 成立日期 is written 成立时间 as often.
        keys.setdefault(heading_key(name.replace("日期", "时间")), place)
    return keys


@cache
def title_of(kind: ListKind, field: str) -> str:
    """Return the heading that exports and templates write for a field."""
    return (_ALIASES[kind] | _COMMON)[field].split()[0]


def sheet_fields(kind: ListKind) -> tuple[str, ...]:
    """Return the fields that a sheet of the kind can hold, in the order of exports; the three common ones last."""
    return (*_ALIASES[kind], *_COMMON)


def match(kind: ListKind, heading: str) -> dict[str, int]:
    """Return the fields that a heading may stand for, with weights; the larger the surer."""
    whole, bare = heading_key(heading), bare_key(heading)
    found: dict[str, int] = {}
    for field, names in aliases(kind).items():
        weight = max(_exact(names, whole, WEIGHT_EXACT), _exact(names, bare, WEIGHT_BARE), _contained(names, bare))
        if weight:
            found[field] = weight
    return found


def _exact(names: dict[str, int], heading: str, weight: int) -> int:
    place = names.get(heading)
    return 0 if place is None else weight - min(place, 29)


def _contained(names: dict[str, int], heading: str) -> int:
    if len(heading) > 14:
        return 0
    inside = [name for name in names if len(name) >= 3 and name in heading and not _is_other(heading, name)]
    longest = max(map(len, inside), default=0)
    return min(WEIGHT_CONTAINED, longest) if longest and len(heading) <= longest + 6 else 0


def _is_other(heading: str, name: str) -> bool:
    """Tell whether what the heading says beside the alias makes it a heading of something else."""
    return _OTHER_MATTER.search(heading.replace(name, "")) is not None
