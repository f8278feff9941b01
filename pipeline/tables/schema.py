"""The schemas of the tables: eight for readers, one that only runs read. Every field says in English and Chinese what it holds; `biaogan schema` prints that.

The descriptions travel in the Parquet files themselves, as field metadata `description` and `description_zh`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from pipeline.rejections import CODES

SCHEMA_VERSION: Final = 4

MODEL_KINDS: Final = ("region", "zone", "locality", "composite", "underspecified", "foreign")
FLAGS: Final = ("courtesy",)
LABELS: Final = ("LOC", "ORG", "PER")
RESOLUTIONS: Final = ("resolved", "ambiguous", "unknown", "not_applicable")
HOME_METHODS: Final = ("text", "title", "publisher", "url", "none")
MENTION_KINDS: Final = (
    "province", "prefecture", "county", "township", "village", "zone", "composite", "country", "foreign_city",
    "foreign_area", "site", "government", "company", "school", "media", "organisation", "person",
)  # fmt: skip
SCRIPTS: Final = ("simplified", "traditional")

_STRING = pa.string()
_STRINGS = pa.list_(pa.field("element", pa.string(), nullable=False))
_OFFSET = pa.int32()
_TIME = pa.timestamp("us", tz="UTC")


class ContractError(Exception):
    """The rows break the contract of a table; the message names the table, the rule and the first row that does."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its schema, the fields that name a row, and the spans whose words the text must hold.

    `spans` lists (text field, start field, end field); `defaults` what rows of an older schema have in fields that came
    later and may not be null.
    """

    name: str
    schema: pa.Schema
    key: tuple[str, ...]
    spans: tuple[tuple[str, str, str], ...] = ()
    description: str = ""
    description_zh: str = ""
    defaults: Mapping[str, object] = field(default_factory=dict)


def _field(name: str, kind: pa.DataType, english: str, chinese: str, *, null: bool = False) -> pa.Field[pa.DataType]:
    metadata: dict[bytes | str, bytes | str] = {"description": english, "description_zh": chinese}
    return pa.field(name, kind, nullable=null, metadata=metadata)


def _table(
    name: str,
    english: str,
    chinese: str,
    key: tuple[str, ...],
    fields: list[pa.Field[pa.DataType]],
    spans: tuple[tuple[str, str, str], ...] = (),
    defaults: Mapping[str, object] | None = None,
) -> Table:
    metadata: dict[bytes | str, bytes | str] = {
        "description": english,
        "description_zh": chinese,
        "schema_version": str(SCHEMA_VERSION),
    }
    return Table(
        name, pa.schema([*fields, *_PROVENANCE], metadata=metadata), key, spans, english, chinese, defaults or {}
    )


_PROVENANCE: Final = [
    _field("run_id", _STRING, "the run that wrote the row", "写入该行的运行编号"),
    _field("schema_version", pa.int32(), "version of this schema", "表结构版本号"),
]

ARTICLES: Final = _table(
    "articles",
    "one accepted article",
    "每行一篇已接收的文章",
    ("article_id",),
    [
        _field("article_id", _STRING, "hash of source id and text", "文章编号(来源编号与正文的哈希)"),
        _field(
            "source_id",
            _STRING,
            "the input's own id: the record's id, else the file's stem",
            "输入自带编号, 否则为文件名",
        ),
        _field(
            "source_uri",
            _STRING,
            "path as named, members of archives after !/, record number after #",
            "输入路径, !/ 后为压缩包内文件, # 后为记录序号",
        ),
        _field("url", _STRING, "address of the page", "网页地址", null=True),
        _field("title", _STRING, "title", "标题", null=True),
        _field("source_name", _STRING, "publisher as the page or record names it", "发布单位或来源名称", null=True),
        _field(
            "author",
            _STRING,
            "author; where none is named, the responsible editor",
            "作者; 未署名时为责任编辑",
            null=True,
        ),
        _field(
            "published_at",
            _TIME,
            "time of publication, UTC (pages write Beijing time)",
            "发布时间(UTC; 网页为北京时间)",
            null=True,
        ),
        _field(
            "text",
            _STRING,
            "the article after removal of page chrome, NFC; offsets in all tables count its code points",
            "去除网页杂项并作 NFC 规范化后的正文; 所有偏移量以其码点计",
        ),
        _field("n_chars", _OFFSET, "code points in text", "正文码点数"),
        _field("content_hash", _STRING, "SHA-256 of text, hexadecimal", "正文的 SHA-256"),
        _field("home_code", _STRING, "region that 我市, 我县, 全区 mean", "“我市/我县/全区”所指地区代码", null=True),
        _field("home_name", _STRING, "its full name", "该地区全称", null=True),
        _field(
            "home_method",
            _STRING,
            "what told the home: text, title, publisher, url, none",
            "判定依据: 正文、标题、发布者、网址或无",
        ),
        _field(
            "duplicate_of",
            _STRING,
            "article_id of the first article of which this is a reprint, word for word or nearly; null for the first",
            "转载(全文相同或大体相同)时, 首篇的文章编号; 首篇为空",
            null=True,
        ),
        _field(
            "script",
            _STRING,
            "simplified or traditional; text is as it was written",
            "字体: simplified 简体, traditional 繁体; 正文保持原样",
        ),
    ],
    defaults={"script": "simplified"},
)

MENTIONS: Final = _table(
    "mentions",
    "one place, organisation or person in the text",
    "每行为正文中的一个地名、机构名或人名",
    ("mention_id",),
    [
        _field("mention_id", _STRING, "hash of article, span and label", "提及编号"),
        _field("article_id", _STRING, "the article", "文章编号"),
        _field("start", _OFFSET, "first code point in articles.text", "起始码点"),
        _field("end", _OFFSET, "code point after the last", "结束码点(不含)"),
        _field("text", _STRING, "the words", "原文"),
        _field("label", _STRING, "LOC, ORG or PER", "类别: 地名、机构、人名"),
        _field("outer", pa.bool_(), "true unless inside a longer mention", "是否为最外层提及"),
        _field(
            "kind",
            _STRING,
            ", ".join(MENTION_KINDS),
            "细类: 省、地、县、乡、村、园区、区域、国外、场所、政府、企业、学校、媒体等",
        ),
        _field("region_code", _STRING, "the region, where resolved", "所指地区代码(已判定时)", null=True),
        _field(
            "resolution",
            _STRING,
            "resolved, ambiguous, unknown, not_applicable",
            "判定状态: 已判定、有歧义、未知、不适用",
        ),
        _field("candidates", _STRINGS, "codes that the words can name, where ambiguous", "有歧义时的候选代码"),
        _field(
            "method", _STRING, "how it was found, and after the slash the rule that resolved it", "识别方法/判定规则"
        ),
    ],
    spans=(("text", "start", "end"),),
)

REGIONS: Final = _table(
    "regions",
    "one region that can be named: divisions, zones, composite and foreign regions",
    "每行一个可被提及的地区",
    ("region_code",),
    [
        _field(
            "region_code",
            _STRING,
            "GB/T 2260 for divisions, 9 digits for townships; Z-, C-, F- ids for zones, composites, foreign places; CODE-YEAR where a code was given again",
            "地区代码(国标; 乡级9位; 园区、区域、国外自编)",
        ),
        _field("name", _STRING, "full name", "全称"),
        _field("short_name", _STRING, "name without rank and ethnic groups", "简称"),
        _field(
            "level",
            _STRING,
            "province, prefecture, county, township, zone, composite, country, foreign_city, foreign_area",
            "层级",
        ),
        _field("parent_code", _STRING, "the region that holds it", "上级代码", null=True),
        _field("province_code", _STRING, "its province", "所属省级代码", null=True),
        _field(
            "prefecture_code",
            _STRING,
            "its prefecture; null for counties directly under a province",
            "所属地级代码",
            null=True,
        ),
        _field("members", _STRINGS, "codes of the members of a composite", "区域的成员代码"),
        _field("lon", pa.float64(), "longitude of the centre, degrees", "中心经度", null=True),
        _field("lat", pa.float64(), "latitude of the centre, degrees", "中心纬度", null=True),
        _field(
            "valid_from",
            pa.int16(),
            "first year at whose end it was in force (1981: or earlier)",
            "启用年份(年末口径; 1981 表示当年或更早)",
            null=True,
        ),
        _field(
            "valid_to",
            pa.int16(),
            "first year at whose end it no longer was; null while in force",
            "撤销年份(年末口径; 空为在用)",
            null=True,
        ),
        _field("successor_codes", _STRINGS, "what an abolished division became", "撤销后的继承代码"),
        _field("former_names", _STRINGS, "earlier full names under this code", "曾用名"),
    ],
)

LINKS: Final = _table(
    "links",
    "one learner-model pair in one article",
    "每行为一篇文章中的一对“学习者—标杆”",
    ("link_id",),
    [
        _field("link_id", _STRING, "hash of article, learner and model", "链接编号"),
        _field("article_id", _STRING, "the article", "文章编号"),
        _field("published_at", _TIME, "time of publication, UTC", "发布时间(UTC)", null=True),
        _field("learner_code", _STRING, "region that learns", "学习者地区代码"),
        _field("learner_name", _STRING, "its full name", "学习者全称"),
        _field("learner_level", _STRING, "its level", "学习者层级"),
        _field("learner_text", _STRING, "the words that name the learner", "学习者原文"),
        _field("learner_start", _OFFSET, "first code point of these words", "学习者起始码点"),
        _field("learner_end", _OFFSET, "code point after them", "学习者结束码点(不含)"),
        _field(
            "model_code",
            _STRING,
            "region taken as model; for a zone or locality the division that holds it; null for composite and foreign",
            "标杆地区代码(园区、乡村为所在县市; 区域与国外为空)",
            null=True,
        ),
        _field(
            "model_name",
            _STRING,
            "full name of the model; a zone's or locality's as written",
            "标杆全称(园区、乡村为原文)",
        ),
        _field("model_level", _STRING, "its level", "标杆层级"),
        _field("model_kind", _STRING, "region, zone, locality, composite, underspecified, foreign", "标杆种类"),
        _field("model_text", _STRING, "the words that name the model", "标杆原文"),
        _field("model_start", _OFFSET, "first code point of these words", "标杆起始码点"),
        _field("model_end", _OFFSET, "code point after them", "标杆结束码点(不含)"),
        _field(
            "relation",
            _STRING,
            "benchmarks, learns_from or visits: the strongest that the text states",
            "关系: 对标、学习借鉴、考察",
        ),
        _field("aspects", _STRINGS, "what is learned, as written", "学习内容(原文)"),
        _field("flags", _STRINGS, "courtesy where a host speaks politely of its guest", "标记: courtesy 为东道主客套"),
        _field("evidence", _STRING, "the sentence", "依据原句"),
        _field("evidence_start", _OFFSET, "its first code point", "依据起始码点"),
        _field("evidence_end", _OFFSET, "code point after it", "依据结束码点(不含)"),
        _field("rule", _STRING, "the rule that made the link", "生成规则"),
        _field("leader", _STRING, "who leads the delegation, as written", "带队人,照原文", null=True),
        _field(
            "leader_title", _STRING, "the leader's office as written before the name", "带队人职务,照原文", null=True
        ),
        _field("host", _STRING, "who receives it on the side of the model, as written", "接待人,照原文", null=True),
        _field("host_title", _STRING, "the host's office as written before the name", "接待人职务,照原文", null=True),
        _field(
            "visited_from",
            pa.date32(),
            "first day of the visit; null where no year is certain",
            "考察开始日期,年份不定则为空",
            null=True,
        ),
        _field(
            "visited_to",
            pa.date32(),
            "last day of the visit; the first where it took one",
            "考察结束日期,仅一天则同开始日期",
            null=True,
        ),
        _field(
            "days",
            pa.int16(),
            "days of the visit, as the text counts them or from its first day to another",
            "考察天数",
            null=True,
        ),
        _field(
            "duplicate_of",
            _STRING,
            "duplicate_of of the article: null in links to count once",
            "所在文章的 duplicate_of; 只计首篇时取其为空者",
            null=True,
        ),
    ],
    spans=(
        ("learner_text", "learner_start", "learner_end"),
        ("model_text", "model_start", "model_end"),
        ("evidence", "evidence_start", "evidence_end"),
    ),
)

SITES: Final = _table(
    "sites",
    "one place or organisation visited under a link",
    "每行为一次考察中到访的场所或单位",
    ("link_id", "start", "end"),
    [
        _field("link_id", _STRING, "the link", "链接编号"),
        _field("article_id", _STRING, "the article", "文章编号"),
        _field("text", _STRING, "the words", "原文"),
        _field("start", _OFFSET, "first code point in articles.text", "起始码点"),
        _field("end", _OFFSET, "code point after the last", "结束码点(不含)"),
        _field("label", _STRING, "LOC or ORG", "类别: 地名或机构"),
    ],
    spans=(("text", "start", "end"),),
)

LEARNERS: Final = _table(
    "learners",
    "one region that the article treats as acting",
    "每行为文章中作为行动主体的一个地区",
    ("article_id", "region_code"),
    [
        _field("article_id", _STRING, "the article", "文章编号"),
        _field("region_code", _STRING, "the region", "地区代码"),
        _field("region_name", _STRING, "its full name", "地区全称"),
        _field("n_links", pa.int32(), "links of the article in which it learns", "该地区在文中的链接数"),
        _field("generic", pa.bool_(), "it says 对标一流 or the like and names nobody", "仅泛称对标一流而未点名"),
        _field("evidence", _STRING, "the first sentence that shows it acting", "依据原句"),
        _field("evidence_start", _OFFSET, "its first code point", "依据起始码点"),
        _field("evidence_end", _OFFSET, "code point after it", "依据结束码点(不含)"),
    ],
    spans=(("evidence", "evidence_start", "evidence_end"),),
)

QUARANTINE: Final = _table(
    "quarantine",
    "one input that was not accepted",
    "每行为一条未被接收的输入",
    ("source_uri",),
    [
        _field(
            "source_uri",
            _STRING,
            "path as named, members of archives after !/, record number after #",
            "输入路径, !/ 后为压缩包内文件, # 后为记录序号",
        ),
        _field("stage", _STRING, "the stage that refused it", "拒收环节"),
        _field("code", _STRING, "reason: " + ", ".join(CODES), "原因代码"),
        _field("detail", _STRING, "reason in words", "原因说明"),
        _field("excerpt", _STRING, "its first characters, where it is text", "内容摘录"),
        _field("at", _TIME, "when it was refused, UTC", "拒收时间(UTC)"),
    ],
)

RUNS: Final = _table(
    "runs",
    "one run",
    "每行一次运行",
    ("run_id",),
    [
        _field("started_at", _TIME, "UTC", "开始时间(UTC)"),
        _field("finished_at", _TIME, "UTC, when its tables were ready to be published", "完成时间(UTC)"),
        _field("code_version", _STRING, "version of the package", "程序版本"),
        _field(
            "fingerprint",
            _STRING,
            "hash of stage versions, gazetteer, lexicons, tagger, schema and settings of reading: a change re-reads every input",
            "各环节版本、地名库、词表、识别模型、表结构与读取设置的哈希; 变化时全部重读",
        ),
        _field("gazetteer_hash", _STRING, "SHA-256 of the gazetteer", "地名库 SHA-256"),
        _field("lexicon_hash", _STRING, "SHA-256 of the cue lexicons", "词表 SHA-256"),
        _field("tagger_hash", _STRING, "SHA-256 of the trained tagger", "识别模型 SHA-256"),
        _field("config_hash", _STRING, "SHA-256 of the settings", "配置 SHA-256"),
        _field("n_inputs", pa.int64(), "input files found", "发现的输入文件数"),
        _field("n_skipped", pa.int64(), "of these, unchanged since an earlier run", "未变化而跳过的文件数"),
        _field("n_new", pa.int64(), "of these, not read before", "首次读取的文件数"),
        _field("n_changed", pa.int64(), "of these, with other content than before", "内容有变的文件数"),
        _field(
            "n_reextracted",
            pa.int64(),
            "unchanged inputs that were read anew because code, models, data or settings changed, or because an article that they repeat may have gone",
            "内容未变而重读的文件数(程序、模型、数据或设置有变, 或其重复的首篇可能已撤)",
        ),
        _field(
            "n_withdrawn",
            pa.int64(),
            "inputs that were gone and whose rows were taken out (--prune)",
            "已消失并撤行的文件数",
        ),
        _field("n_articles", pa.int64(), "articles written", "写入文章数"),
        _field("n_duplicates", pa.int64(), "of these, reprints of another article", "其中转载文章数"),
        _field("n_mentions", pa.int64(), "mentions written", "写入提及数"),
        _field("n_links", pa.int64(), "links written", "写入链接数"),
        _field("n_quarantined", pa.int64(), "inputs quarantined", "拒收输入数"),
        _field("exit_code", pa.int32(), "0, or 3 where more inputs than max_rejected were quarantined", "退出码"),
    ],
    defaults=dict.fromkeys(("n_new", "n_changed", "n_reextracted", "n_withdrawn", "n_duplicates"), 0),
)

SIGNATURES: Final = _table(
    "signatures",
    "what tells reprints of one article: for runs, not for readers",
    "每行为一篇文章的查重签名(仅供运行使用)",
    ("article_id",),
    [
        _field("article_id", _STRING, "the article", "文章编号"),
        _field("published_at", _TIME, "time of publication, UTC", "发布时间(UTC)", null=True),
        _field("source_uri", _STRING, "source_uri of the article", "文章的 source_uri"),
        _field("duplicate_of", _STRING, "duplicate_of of the article", "文章的 duplicate_of", null=True),
        _field("n_shingles", pa.int32(), "distinct runs of five characters", "五字串个数"),
        _field(
            "minhash",
            pa.binary(4 * 128),
            "MinHash of these: 128 unsigned integers of 32 bits, little-endian",
            "MinHash 签名",
        ),
        _field(
            "bands",
            pa.binary(4 * 42),
            "hashes of three numbers of the MinHash each, likewise: only articles that share one are compared",
            "MinHash 分段散列",
        ),
    ],
)

TABLES: Final = {table.name: table for table in (ARTICLES, MENTIONS, REGIONS, LINKS, SITES, LEARNERS, QUARANTINE, RUNS)}
"""The tables for readers by name, in the order in which they are shown."""

ALL_TABLES: Final = {**TABLES, SIGNATURES.name: SIGNATURES}
"""What a generation holds: those, and the one that only runs read."""

OF_ARTICLE: Final = ("articles", "mentions", "links", "sites", "learners", "signatures")
"""The tables whose rows come and go with their article."""


def check_nulls(rows: pa.Table, table: Table) -> None:
    """Raises ContractError for a null where none may be, in the fields that the rows have."""
    for wanted in table.schema:
        if not wanted.nullable and wanted.name in rows.column_names and rows.column(wanted.name).null_count:
            raise ContractError(f"{table.name}.{wanted.name}: holds a null and may not")


def conform(rows: pa.Table, table: Table) -> pa.Table:
    """Rows of this or an older schema as rows of this one: a field that came later is null, or has its default."""
    if rows.schema.equals(table.schema, check_metadata=True):
        return rows
    columns: list[pa.ChunkedArray[Any] | pa.Array[Any]] = []
    for wanted in table.schema:
        if wanted.name in rows.column_names:
            columns.append(rows.column(wanted.name).cast(wanted.type))
        else:
            columns.append(pa.array([table.defaults.get(wanted.name)] * rows.num_rows, wanted.type))
    return pa.table(columns, schema=table.schema)
