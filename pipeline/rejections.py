"""Why an input was not accepted: every code of `quarantine.code`, with what it means in English and Chinese."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, tuple[str, str]]] = {
    "unsupported_format": ("a format that is not read: PDF, Office, pictures, RAR ...", "不支持的格式: PDF、图片等"),
    "unreadable": ("could not be opened, or is no regular file, or a loop of links", "无法打开, 或非普通文件, 或链接成环"),
    "empty": ("no text is left when the page's chrome is gone", "去除网页杂项后没有正文"),
    "no_text": ("a record without a field that holds a text or a page", "记录中没有正文或网页字段"),
    "undecodable": ("the bytes are in none of the charsets that are tried", "所试各种编码均无法解码"),
    "null_bytes": ("holds NUL characters: binary", "含空字符, 为二进制内容"),
    "control_characters": ("more than a tenth are control characters", "控制字符超过十分之一"),
    "invalid_unicode": ("holds half of a surrogate pair", "含不成对的代理码"),
    "invalid_json": ("a line or file that is no JSON", "不是合法的 JSON"),
    "invalid_csv": ("quotes that do not close, or another number of values than columns", "引号不闭合, 或列数不符"),
    "invalid_html": ("markup that no parser takes", "无法解析的网页"),
    "nested_too_deep": ("elements or values nested too deep", "嵌套过深"),
    "broken_parquet": ("a Parquet file that is damaged", "Parquet 文件损坏"),
    "broken_warc": ("a record of a web archive with a wrong length or header", "WARC 记录的长度或头部有误"),
    "broken_archive": ("a zip or tar that is damaged", "zip 或 tar 损坏"),
    "broken_compression": ("compressed bytes that are damaged", "压缩数据损坏"),
    "truncated": ("compressed bytes or an archive that break off; what came before was read", "压缩数据或归档中断"),
    "encrypted": ("a member of an archive that is encrypted", "归档成员已加密"),
    "unsafe_name": ("a member whose name leads out of its archive or holds control characters", "成员名不安全"),
    "depth_limit": ("more layers of archives and compression than [ingest.limits] depth", "归档与压缩层数超限"),
    "count_limit": ("more members, or broken records, than are read; the rest was not", "成员或损坏记录过多, 其余未读"),
    "ratio_limit": ("unpacks to more than [ingest.limits] ratio times its size", "解压倍数超限"),
    "size_limit": ("larger than [ingest.limits] document_bytes, characters or unpacked_bytes", "大小超限"),
    "too_slow": ("took longer than [ingest.limits] seconds", "超过时限"),
    "repeated": ("the same id and text a second time", "编号与正文均重复"),
    "stage_failed": ("a fault of ours; please report it", "程序缺陷, 请报告"),
}  # fmt: skip
