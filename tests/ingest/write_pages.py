"""Writes tests/ingest/pages: saved pages in the structures of the common systems of Chinese sites, and what is in them.

    python -m tests.ingest.write_pages

Each structure is a page as such a system makes it: its head, its navigation, its containers, its line of fields, its
related links, share buttons and footer, with its own habits (charset, tables, inline styles, empty paragraphs). The
articles are invented, their places are not. `expected.jsonl` says what a reader should find, by hand and not by the reader.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "pages"


@dataclass(frozen=True)
class Story:
    """An invented article: what a page shows and what a reader should find."""

    title: str
    body: tuple[str, ...]
    date: str
    clock: str
    source: str
    author: str
    editor: str
    site: str
    domain: str
    column: str

    @property
    def time(self) -> str:
        return f"{self.date} {self.clock}"


STORIES = (
    Story(
        "湘潭市党政代表团赴苏州考察学习",
        (
            "3月5日至7日，湘潭市党政代表团赴江苏省苏州市考察学习，深入对接产业合作项目。",
            "代表团先后来到苏州工业园区、昆山市规划展示馆，详细了解园区建设、招商引资和审批改革等情况。",
            "座谈会上，代表团成员表示，苏州的经验值得认真学习，要对标苏州工业园区，把先进做法带回去、用起来。",
            "苏州市有关负责同志陪同考察。市直有关部门和各县市区负责人参加活动。",
        ),
        "2024-03-08",
        "09:15:00",
        "湘潭日报",
        "李明远",
        "周晓",
        "湘潭市人民政府",
        "www.xiangtan.gov.cn",
        "湘潭要闻",
    ),
    Story(
        "对标先进补短板 全力优化营商环境",
        (
            "为进一步优化营商环境，怀化市近日出台实施方案，提出对标长沙、学习借鉴浙江省“最多跑一次”改革经验。",
            "方案明确，今年年底前企业开办时间压缩至一个工作日，工程建设项目审批时限压减三成。",
            "市行政审批服务局负责人介绍，全市将建立每月调度、每季通报的工作机制，对落实不力的单位予以约谈。",
            "下一步，该市还将组织窗口人员分批到杭州市跟班学习，力争政务服务满意度进入全省前列。",
        ),
        "2023-11-20",
        "16:42:07",
        "怀化日报",
        "王思齐",
        "陈静",
        "怀化市人民政府",
        "www.huaihua.gov.cn",
        "部门动态",
    ),
    Story(
        "县委书记带队到安吉县学习美丽乡村建设",
        (
            "5月12日，县委书记带队赴浙江省湖州市安吉县，学习考察美丽乡村建设和乡村旅游发展情况。",
            "在余村，考察组沿着村道边走边看，听取了村集体经济发展、垃圾分类和民宿经营的介绍。",
            "考察组一行认为，安吉的做法起步早、标准高、机制活，为全县推进宜居宜业和美乡村建设提供了样本。",
            "县直有关单位、部分乡镇主要负责人随同考察。",
        ),
        "2022-05-14",
        "08:30:00",
        "县融媒体中心",
        "赵一鸣",
        "孙悦",
        "霍山县人民政府",
        "www.ahhuoshan.gov.cn",
        "工作动态",
    ),
)


def paragraphs(story: Story, opening: str = "<p>", closing: str = "</p>") -> str:
    return "\n".join(f"{opening}　　{text}{closing}" for text in story.body)


MENU = "\n".join(
    f'<li><a href="/col/col{n}/index.html">{name}</a></li>'
    for n, name in enumerate(
        ["首页", "政务公开", "政务服务", "互动交流", "走进城市", "数据开放", "专题专栏", "领导之窗"]
    )
)
RELATED = "\n".join(
    f'<li><a href="/art/2024/1/{n}/art_{n}.html">{name}</a><span>2024-01-0{n}</span></li>'
    for n, name in enumerate(
        [
            "市政府召开常务会议研究近期重点工作",
            "全市安全生产大检查动员部署会召开",
            "今年首批重点项目集中开工",
            "春耕备耕有序推进",
        ],
        1,
    )
)
SHARE = '<div class="share"><span>分享到：</span><a href="#">微信</a><a href="#">微博</a><a href="#">QQ空间</a></div>'
TOOLS = '<div class="tools">字号：<a href="javascript:doZoom(18)">大</a> <a>中</a> <a>小</a> <a href="javascript:window.print()">打印</a> <a>关闭</a></div>'
SCRIPT = "<script>var _hmt=_hmt||[];(function(){var h=document.createElement('script');h.src='/hm.js';})();</script>"


def footer(story: Story) -> str:
    return (
        f'<div class="footer"><p>主办：{story.site}办公室　承办：市电子政务中心</p><p>版权所有：{story.site}　网站标识码：4303000001</p>'
        "<p>备案号：湘ICP备05000000号　湘公网安备43030202000000号</p><p>地址：芙蓉大道一号　邮编：411100</p></div>"
    )


def gov_meta(story: Story, *, author: bool = True) -> str:
    tags = {
        "SiteName": story.site,
        "SiteDomain": story.domain,
        "SiteIDCode": "4303000001",
        "ColumnName": story.column,
        "ColumnType": "工作动态",
        "ArticleTitle": story.title,
        "PubDate": story.time[:16],
        "ContentSource": story.source,
        "Keywords": "考察,学习",
        "Description": story.body[0][:40],
    } | ({"Author": story.author} if author else {})
    return "\n".join(f'<meta name="{name}" content="{value}"/>' for name, value in tags.items())


def trs_wcm(s: Story) -> str:
    """TRS WCM of today: standard tags, TRS_Editor with its own style block inside."""
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>
<title>{s.title}_{s.column}_{s.site}</title>
{gov_meta(s)}
<link href="../../../images/style.css" rel="stylesheet"/>{SCRIPT}</head>
<body><div class="header"><div class="logo"><img src="logo.png" alt="{s.site}"/></div><ul class="nav">{MENU}</ul></div>
<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="../">{s.column}</a></div>
<div class="xl_main"><h1 class="xl_tit">{s.title}</h1>
<div class="xl_info"><span>发布时间：{s.time}</span><span>来源：{s.source}</span><span>作者：{s.author}</span></div>{TOOLS}
<div class="view TRS_UEDITOR trs_paper_default trs_web"><div class="TRS_Editor"><style>.TRS_Editor P{{margin:0}}</style>
{paragraphs(s, '<p style="text-indent: 2em; text-align: justify;">')}</div></div>
{SHARE}<div class="xgwz"><h3>相关文章</h3><ul>{RELATED}</ul></div></div>{footer(s)}</body></html>"""


def trs_word(s: Story) -> str:
    """TRS WCM with an article pasted from Word: Custom_UnionStyle, fonts in spans, empty paragraphs, no author."""
    body = "\n".join(
        f'<p class="MsoNormal" style="text-indent:32pt"><span style="font-family:仿宋_GB2312;font-size:16pt">{t[:9]}</span>'
        f'<span style="font-family:仿宋_GB2312">{t[9:]}<o:p></o:p></span></p><p class="MsoNormal">&nbsp;</p>'
        for t in s.body
    )
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><meta charset="utf-8"/><title>{s.title}-{s.site}</title>
{gov_meta(s, author=False)}</head><body>
<div id="top"><a href="/">设为首页</a> <a href="/">加入收藏</a> <a>无障碍浏览</a></div><ul id="menu">{MENU}</ul>
<div class="content"><h2>{s.title}</h2><p class="info">来源：{s.source}　　时间：{s.time}　　浏览次数：<span id="hits">1024</span></p>
<div class="Custom_UnionStyle">{body}</div><p class="editor">责任编辑：{s.editor}</p></div>
<div class="pager"><p>上一篇：<a href="t1.html">全市经济运行分析会召开</a></p><p>下一篇：<a href="t2.html">防汛工作会议召开</a></p></div>
{footer(s)}</body></html>"""


def jcms(s: Story) -> str:
    """大汉 JCMS: id zoom, comments that mark the body, layout by tables, fields in a row of their own."""
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">
<title>{s.site} {s.column} {s.title}</title>
<meta name='SiteName' content='{s.site}'><meta name='ColumnName' content='{s.column}'>
<meta name="ArticleTitle" content="{s.title}"><meta name="pubdate" content="{s.time[:16]}"><meta name="author" content="{s.author}">
<meta name="contentSource" content="{s.source}"></head>
<body><table width="1000" align="center"><tr><td class="nav">{MENU.replace("<li>", " ").replace("</li>", " ")}</td></tr></table>
<table id="c" width="1000" align="center"><tr><td class="title">{s.title}</td></tr>
<tr><td><table width="100%"><tr><td>发布日期：{s.time[:16]}</td><td>信息来源：{s.source}</td><td>字体：[ 大 中 小 ]</td></tr></table></td></tr>
<tr><td class="bt_content"><div id="zoom"><!--ZJEG_RSS.content.begin-->
{paragraphs(s)}
<!--ZJEG_RSS.content.end--></div></td></tr>
<tr><td align="right">【<a href="javascript:window.print()">打印本页</a>】【<a href="javascript:window.close()">关闭窗口</a>】</td></tr></table>
{footer(s)}</body></html>"""


def ucap(s: Story) -> str:
    """开普 (Ucap): UCAP-CONTENT, bold opening, editor under the text."""
    return f"""<!DOCTYPE html><html><head><meta charset="UTF-8"><title>{s.title}__{s.site}</title>
<meta name="SiteName" content="{s.site}"><meta name="SiteDomain" content="{s.domain}"><meta name="ArticleTitle" content="{s.title}">
<meta name="PubDate" content="{s.time}"><meta name="ContentSource" content="{s.source}"></head><body>
<div class="head"><ul class="nav">{MENU}</ul></div><div class="BreadcrumbNav">首页 &gt; 新闻 &gt; {s.column}</div>
<div class="article oneColumn"><h1>{s.title}</h1><div class="pages-date">{s.time[:16]}<span class="font">来源： {s.source}</span>
<span class="font xiangguan">【字体：<a>大</a> <a>中</a> <a>小</a>】<a>打印</a></span></div>
<div class="pages_content" id="UCAP-CONTENT">{paragraphs(s, '<p style="line-height:2em"><span>', "</span></p>")}</div>
<div class="editor"><span>责任编辑：{s.editor}</span></div><div class="pages_print"><a>扫一扫在手机打开当前页</a></div></div>
<div class="related"><h4>相关稿件</h4><ul>{RELATED}</ul></div>{footer(s)}</body></html>"""


def old_tables(s: Story) -> str:
    """An older table page of 拓尔思 without a single tag for its metadata: font elements, br between paragraphs, GB2312."""
    body = "<br><br>\n".join(f"&nbsp;&nbsp;&nbsp;&nbsp;{text}" for text in s.body)
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>{s.title}</title>
<script language="JavaScript">function doZoom(size){{document.getElementById('zoom').style.fontSize=size+'px'}}</script></head>
<body bgcolor="#FFFFFF"><table width="780" border="0" align="center"><tr><td height="30" background="bg.gif">{MENU.replace("<li>", "").replace("</li>", " | ")}</td></tr></table>
<table width="780" border="0" align="center" cellpadding="0"><tr><td align="center"><font size="5" color="#CC0000"><b>{s.title}</b></font></td></tr>
<tr><td align="center"><font size="2">{s.site}　http://{s.domain}　日期：{s.time[:16]}　来源：{s.source}　【字号 <a href="javascript:doZoom(16)">大</a> <a href="javascript:doZoom(14)">中</a> <a href="javascript:doZoom(12)">小</a>】</font></td></tr>
<tr><td id="zoom" style="font-size:14px">{body}</td></tr>
<tr><td align="right"><font size="2">编辑：{s.editor}</font></td></tr></table>
<table width="780" align="center"><tr><td>【<a href="#">返回首页</a>】【<a href="#">关闭窗口</a>】</td></tr></table>{footer(s)}</body></html>"""


def easysite(s: Story) -> str:
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{s.title} - {s.site}</title>{gov_meta(s)}</head><body>
<div class="easysite-nav"><ul>{MENU}</ul></div><div class="easysite-article-content"><h1 class="easysite-news-title">{s.title}</h1>
<div class="easysite-news-describe">发布日期：{s.time[:16]} 来源：{s.source} 点击数：<span>88</span></div>
<div class="easysite-news-text">{paragraphs(s)}</div><div class="bdsharebuttonbox"><a>分享到：</a><a class="bds_weixin">微信</a></div></div>
<div class="sidebar"><h3>热点新闻</h3><ul>{RELATED}</ul></div>{footer(s)}</body></html>"""


def vsb(s: Story) -> str:
    """Visual SiteBuilder: v_news_content, times in words."""
    year, month, day = s.date.split("-")
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{s.title}-{s.site}</title></head><body>
<nav><ul>{MENU}</ul></nav><form name="_newscontent_fromname"><div class="nav_bar">您的位置: 首页 &gt; {s.column}</div>
<h1>{s.title}</h1><div class="info">作者：{s.author}　来源：{s.source}　发布时间：{year}年{month}月{day}日 {s.clock[:5]}　点击数：[<span>201</span>]</div>
<div id="vsb_content"><div class="v_news_content">{paragraphs(s)}</div></div></form>
<p>上一条：<a href="1.htm">关于做好防汛工作的通知</a></p><p>下一条：<a href="2.htm">关于放假安排的通知</a></p>{footer(s)}</body></html>"""


def open_information(s: Story) -> str:
    """A page of disclosed information: fields in a table above the text."""
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{s.title}</title></head><body><div class="header">{MENU}</div>
<table class="xxgk_table"><tr><th>索引号：</th><td>000014349/2024-00012</td><th>发布机构：</th><td>{s.source}</td></tr>
<tr><th>文号：</th><td></td><th>发布日期：</th><td>{s.time[:16]}</td></tr></table>
<h1>{s.title}</h1><div class="xxgk_detail_content">{paragraphs(s)}</div>{SHARE}{footer(s)}</body></html>"""


def people(s: Story) -> str:
    """A national news site: rm_txt_con, source as a link, editors in brackets under the text."""
    return f"""<!DOCTYPE html><html><head><meta http-equiv="content-type" content="text/html;charset=GB2312"/><title>{s.title}--{s.column}--新闻网</title>
<meta name="publishdate" content="{s.date}"/><meta name="author" content="110010"/><meta name="source" content="来源：{s.source}"/></head><body>
<div class="nav"><ul>{MENU}</ul></div><div class="layout rm_txt cf"><div class="col col-1"><h1>{s.title}</h1>
<div class="channel cf"><div class="col-1-1">{s.date.replace("-", "年", 1).replace("-", "月")}日{s.clock[:5]} | 来源：<a href="http://paper/">{s.source}</a></div></div>
<div class="rm_txt_con cf">{paragraphs(s)}</div><div class="edit cf">(责编：{s.editor})</div><div class="share">分享让更多人看到</div></div>
<div class="col col-2"><h3>热门排行</h3><ul class="rank">{RELATED}</ul></div></div>{footer(s)}</body></html>"""


def xinhua(s: Story) -> str:
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"/><title>{s.title}-新华网</title></head><body><div class="header domPC">{MENU}</div>
<div class="main"><div class="header-cont"><div class="header-time"><span class="year"><em>{s.date[:4]}</em></span> <span class="day">{s.date[5:7]}/{s.date[8:]}</span> <span class="time">{s.clock}</span></div>
<div class="source">来源：{s.source}</div><div class="mheader"><h1><span class="title">{s.title}</span></h1><div class="info">{s.time} 来源： {s.source}</div></div></div>
<div id="detail"><span id="detailContent">{paragraphs(s)}</span><div id="articleEdit"><span class="tiyi1">【纠错】</span><span class="editor">【责任编辑:{s.editor}】</span></div></div></div>
<div class="recommend"><ul>{RELATED}</ul></div>{footer(s)}</body></html>"""


def chinanews(s: Story) -> str:
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{s.title}-中新网</title><meta property="og:title" content="{s.title}"><meta property="article:published_time" content="{s.date}T{s.clock}+08:00"></head><body>
<ul class="nav">{MENU}</ul><div class="content_maincontent_content"><h1 class="content_left_title">{s.title}</h1><div class="content_left_time">{s.date.replace("-", "年", 1).replace("-", "月")}日 {s.clock[:5]}　来源：{s.source} <a>大字体</a> <a>小字体</a></div>
<div class="left_zw">{paragraphs(s)}</div><div class="adEditor"><div class="left_name">【编辑:{s.editor}】</div></div></div><div class="recommend_con"><ul>{RELATED}</ul></div>{footer(s)}</body></html>"""


def json_ld(s: Story) -> str:
    """A news site of today: article element, Open Graph, JSON-LD; the visible line has no labels."""
    linked = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": s.title,
        "datePublished": f"{s.date}T{s.clock}+08:00",
        "author": [{"@type": "Person", "name": s.author}],
        "publisher": {"@type": "Organization", "name": s.source},
    }
    return f"""<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{s.title} | {s.source}</title><meta property="og:site_name" content="{s.source}">
<meta property="og:type" content="article"><script type="application/ld+json">{json.dumps(linked, ensure_ascii=False)}</script></head><body>
<header><nav><ul>{MENU}</ul></nav></header><main><article><header><h1>{s.title}</h1><p class="byline"><time datetime="{s.date}T{s.clock}+08:00">{s.time[:16]}</time></p></header>
{paragraphs(s)}<div class="social-share"><a>微信</a><a>微博</a></div></article><aside><h2>推荐阅读</h2><ul>{RELATED}</ul></aside></main><footer>{footer(s)}</footer></body></html>"""


def local_news(s: Story) -> str:
    """A city's news site: no known container, so the body must be found; a bare line of time and source."""
    return f"""<!DOCTYPE html><html><head><meta charset="gbk"><title>{s.title}_{s.source}</title></head><body><div class="topbar">{MENU}</div>
<div class="wrap"><div class="left-box"><h1>{s.title}</h1><div class="sub">{s.time} {s.source}</div><div class="box-a1">{paragraphs(s)}</div>
<div class="xgyd"><strong>相关阅读</strong><ul>{RELATED}</ul></div></div><div class="right-box"><ul class="hot">{RELATED}</ul></div></div>{footer(s)}</body></html>"""


def newspaper(s: Story) -> str:
    """The electronic edition of a paper: founder tags, the dateline in the text."""
    first, *rest = s.body
    told = "\n".join(f"<p>　　{text}</p>" for text in (f"本报讯（记者 {s.author}）{first}", *rest))
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{s.source}数字报-{s.title}</title></head><body><div class="menu">{MENU}</div>
<div class="paper"><div class="date">{s.date[:4]}年{s.date[5:7]}月{s.date[8:]}日 {s.source}</div><div class="ban">第01版：要闻</div>
<h1>{s.title}</h1><div id="articleContent"><founder-content>{told}</founder-content></div></div><div class="pagination"><a>上一篇</a> <a>下一篇</a></div>{footer(s)}</body></html>"""


def mobile(s: Story) -> str:
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{s.title}</title>
<meta property="og:title" content="{s.title}"><meta name="PubDate" content="{s.time}"><meta name="ContentSource" content="{s.source}"></head><body>
<div class="m-header"><a href="javascript:history.back()">返回</a><span>{s.column}</span></div><section class="m-article"><h1 class="article-title">{s.title}</h1>
<p class="article-info"><span>{s.source}</span> <span>{s.time[:16]}</span></p><div class="article-content">{paragraphs(s, "<p>", "</p>")}</div></section>
<div class="download-app"><a>打开客户端查看更多</a></div><div class="comment"><h4>评论</h4><p>说得好，支持！</p></div>{footer(s)}</body></html>"""


def wechat(s: Story) -> str:
    """A WeChat article: hidden until its script runs, time in a script, name of the account, QR code below."""
    import calendar
    import datetime

    moment = datetime.datetime.fromisoformat(f"{s.date}T{s.clock}") - datetime.timedelta(hours=8)
    seconds = calendar.timegm(moment.timetuple())
    body = "".join(
        f'<section style="margin:8px"><p style="letter-spacing:1px"><span>{text}</span></p></section>'
        for text in s.body
    )
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><meta property="og:title" content="{s.title}"/><meta property="og:url" content="http://mp.weixin.qq.com/s?__biz=MzA&amp;mid=2651&amp;idx=1"/><meta name="author" content="{s.author}"/><title></title></head>
<body id="activity-detail"><div class="rich_media_inner"><h1 class="rich_media_title" id="activity-name">
{s.title}
</h1><div id="meta_content" class="rich_media_meta_list"><span id="copyright_logo" class="rich_media_meta">原创</span><span class="rich_media_meta rich_media_meta_text">{s.author}</span><span class="rich_media_meta rich_media_meta_nickname" id="profileBt"><a id="js_name">{s.source}</a></span><em id="publish_time" class="rich_media_meta rich_media_meta_text"></em></div>
<div class="rich_media_content js_underline_content" id="js_content" style="visibility: hidden; opacity: 0;">{body}</div></div>
<div id="js_pc_qr_code" class="qr_code_pc_outer"><p>微信扫一扫<br>关注该公众号</p></div>
<script>var ct = "{seconds}"; var nickname = "{s.source}"; var msg_title = '{s.title}';</script></body></html>"""


def webplus(s: Story) -> str:
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{s.title}</title></head><body><div class="wp-menu"><ul>{MENU}</ul></div>
<div class="article"><h1 class="arti_title">{s.title}</h1><p class="arti_metas"><span>发布者：{s.source}</span><span>发布时间：{s.date}</span><span>浏览次数：55</span></p>
<div class="entry"><div class="read"><div class="wp_articlecontent">{paragraphs(s, '<p class="p_text_indent_2">')}</div></div></div></div>{footer(s)}</body></html>"""


def nested_divs(s: Story) -> str:
    """A home-made system: paragraphs are divs, names say nothing, fields in spans without blanks between."""
    body = "".join(f"<div>{text}</div><div><br></div>" for text in s.body)
    return f"""<html><head><meta charset="utf-8"><title>{s.title}-{s.site}门户网站</title></head><body><div class="w"><div class="a">{MENU}</div></div>
<div class="w"><div class="b"><div class="b1"><h2>{s.title}</h2></div><div class="b2"><span>时间：{s.time[:16]}</span><span>来源：{s.source}</span><span>作者：{s.author}</span></div><div class="b3">{body}</div></div></div>{footer(s)}</body></html>"""


@dataclass(frozen=True)
class Structure:
    """A structure, the charset of its bytes, and which fields its page shows."""

    make: Callable[[Story], str]
    charset: str = "utf-8"
    author: str = ""
    clock: str = "minute"
    dateline: bool = False


STRUCTURES = (
    Structure(trs_wcm, author="author"),
    Structure(trs_word, author="editor"),
    Structure(jcms, author="author"),
    Structure(ucap, author="editor", clock="second"),
    Structure(old_tables, "gbk", author="editor"),
    Structure(easysite, author="author"),
    Structure(vsb, author="author"),
    Structure(open_information),
    Structure(people, "gb18030", author="editor"),
    Structure(xinhua, author="editor", clock="second"),
    Structure(chinanews, author="editor", clock="second"),
    Structure(json_ld, author="author", clock="second"),
    Structure(local_news, "gbk", clock="second"),
    Structure(newspaper, author="author", clock="day", dateline=True),
    Structure(mobile, clock="second"),
    Structure(wechat, author="author", clock="second"),
    Structure(webplus, clock="day"),
    Structure(nested_divs, author="author"),
)


def expected(structure: Structure, story: Story) -> dict[str, str | None]:
    clock = {"second": story.clock, "minute": f"{story.clock[:5]}:00", "day": "00:00:00"}[structure.clock]
    first, *rest = story.body
    if structure.dateline:
        first = f"本报讯（记者 {story.author}）{first}"
    return {
        "title": story.title,
        "text": "\n".join((story.title, first, *rest)),
        "published_at": f"{story.date}T{clock}+08:00",
        "source_name": story.source,
        "author": {"author": story.author, "editor": story.editor, "": None}[structure.author],
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    lines = []
    for structure in STRUCTURES:
        for number, story in enumerate(STORIES, 1):
            name = f"{structure.make.__name__}-{number}.html"
            (FOLDER / name).write_bytes(structure.make(story).encode(structure.charset))
            lines.append(json.dumps({"page": name, **expected(structure, story)}, ensure_ascii=False))
    (FOLDER / "expected.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
