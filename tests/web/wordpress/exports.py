"""Exports written for the tests, as WordPress writes them."""

HEAD = """<?xml version="1.0" encoding="{encoding}" ?>
<!-- generator="WordPress/6.5" -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Old clinic</title><link>https://old.example</link>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_blog_url>https://old.example</wp:base_blog_url>
<wp:author><wp:author_login><![CDATA[aa]]></wp:author_login>
<wp:author_display_name><![CDATA[A. Author]]></wp:author_display_name></wp:author>
"""
TAIL = "</channel></rss>\n"


def comment(number, text="Kind words.", approved="1", parent="0", kind="comment", when=None):
    return f"""<wp:comment><wp:comment_id>{number}</wp:comment_id>
<wp:comment_author><![CDATA[A. Reader]]></wp:comment_author>
<wp:comment_author_email>reader@site.example</wp:comment_author_email>
<wp:comment_author_url>https://reader.example</wp:comment_author_url>
<wp:comment_author_IP>203.0.113.7</wp:comment_author_IP>
<wp:comment_date_gmt>{when or f"2019-04-{number:02} 10:00:00"}</wp:comment_date_gmt>
<wp:comment_content><![CDATA[{text}]]></wp:comment_content>
<wp:comment_approved>{approved}</wp:comment_approved><wp:comment_type>{kind}</wp:comment_type>
<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"""


def item(
    html="<p>Text.</p>",
    *,
    number=1,
    title="Knee pain",
    slug="knee-pain",
    kind="post",
    status="publish",
    when="2019-03-01 09:00:00",
    excerpt="",
    more="",
):
    return f"""<item><title><![CDATA[{title}]]></title>
<link>https://old.example/2019/03/{slug}/</link><dc:creator><![CDATA[aa]]></dc:creator>
<content:encoded><![CDATA[{html}]]></content:encoded>
<excerpt:encoded><![CDATA[{excerpt}]]></excerpt:encoded>
<wp:post_id>{number}</wp:post_id><wp:post_date><![CDATA[{when}]]></wp:post_date>
<wp:post_name><![CDATA[{slug}]]></wp:post_name><wp:status><![CDATA[{status}]]></wp:status>
<wp:post_type><![CDATA[{kind}]]></wp:post_type>
<category domain="category" nicename="knees"><![CDATA[Knees]]></category>{more}</item>
"""


def export(*items, encoding="UTF-8"):
    return (HEAD.format(encoding=encoding) + "".join(items) + TAIL).encode(
        encoding, "xmlcharrefreplace"
    )
