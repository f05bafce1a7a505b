"""Resumes as plain text."""
# ruff: noqa: PLR0912 (a layout is read from top to bottom, as its page is)

import textwrap


def made(p, name):
    return {"ruled": _ruled, "bare": _bare, "simple": _simple}[name](p)


def _skills(p, *, mark=", "):
    for label, items in p.skill_groups:
        yield f"{label}: {mark.join(items)}" if label else mark.join(items)


def _langs(p, form="{0} ({1})"):
    return [form.format(*one) if one[1].strip("()") else one[0] for one in ((n, v.strip("()")) for n, v in p.langs)]


def _ruled(p):
    """72 columns, centred name, headings between rules, dates at the right edge."""
    out = [p.name.center(72).rstrip(), p.headline.center(72).rstrip()]
    out += ["  |  ".join([p.address.replace("\n", ", "), p.phone, p.email]), *p.links, ""]

    def head(text):
        out.extend(["", "=" * 72, text.upper(), "=" * 72])

    if p.extra:
        out.extend(p.extra)
    if p.summary:
        head(p.h["summary"])
        out.extend(textwrap.wrap(p.summary, 72))
    head(p.h["work"])
    for group in p.groups:
        first = group[0]
        if len(group) > 1:
            out.append(f"{first.employer}, {first.place}" if first.place else first.employer)
            for job in group:
                out.append(f"  {job.title}".ljust(72 - len(job.dates)) + job.dates)
                out.extend(f"    * {line}" for one in job.done for line in textwrap.wrap(one, 66))
        else:
            out.append(first.title.ljust(max(72 - len(first.dates), len(first.title) + 3)) + first.dates)
            if first.employer:
                out.append(f"{first.employer}, {first.place}" if first.place else first.employer)
            for one in first.done:
                out.extend(textwrap.wrap(one, 68, initial_indent="  * ", subsequent_indent="    "))
        out.append("")
    head(p.h["education"])
    for study in p.studies:
        out.append(study.degree.ljust(max(72 - len(study.dates), len(study.degree) + 3)) + study.dates)
        out.append("  " + ", ".join(part for part in (study.school, study.place) if part))
    head(p.h["skills"])
    for text in _skills(p):
        out.extend(textwrap.wrap(text, 72))
    if p.langs:
        head(p.h["languages"])
        out.append(", ".join(_langs(p)))
    if p.certs:
        head(p.h["certs"])
        out.extend(f"  * {cert}" for cert in p.certs)
    for title, lines in p.other:
        head(title)
        out.extend(lines)
    return "\r\n".join(out)


def _bare(p):
    """As pasted into a form: no blank lines, labels before everything."""
    out = ["CV", p.name, *p.address.split("\n"), f"{p.l['phone']}: {p.phone}", p.email, *p.links, *p.extra]
    if p.headline:
        out.append(p.headline)
    if p.summary:
        out += [p.h["summary"] + ":", p.summary]
    out.append(p.h["education"] + ":")
    for study in p.studies:
        out.append(", ".join(part for part in (study.degree, study.school, study.place, study.dates) if part))
    out.append(p.h["work"] + ":")
    for job in p.jobs:
        if job.employer:
            out += [
                f"{p.l['period']}: {job.dates}",
                f"{p.l['company']}: {job.employer}",
                f"{p.l['position']}: {job.title}",
            ]
        else:
            out += [f"{p.l['period']}: {job.dates}", f"{p.l['position']}: {job.title}"]
        out += [f"- {one}" for one in job.done]
    for title, lines in p.other:
        out += [title, *lines]
    if p.certs:
        out += [p.h["certs"] + ":", "; ".join(p.certs)]
    if p.langs:
        out.append(f"{p.h['languages']}: " + ", ".join(_langs(p, "{0} - {1}")))
    out.append(p.h["skills"] + ":")
    out += [f"- {item}" for _, items in p.skill_groups for item in items]
    return "\n".join(out)


def _simple(p):
    out = [p.name, p.headline, p.email, p.phone, p.address.replace("\n", ", "), *p.links, *p.extra]
    if p.summary:
        out += ["", p.h["summary"], p.summary]
    out += ["", p.h["work"], ""]
    for job in p.jobs:
        out.append(" | ".join(part for part in (job.employer, job.title, job.dates) if part))
        out += [f"- {one}" for one in job.done]
    out += ["", p.h["education"], ""]
    out += [" | ".join(part for part in (s.school, s.degree, s.dates) if part) for s in p.studies]
    out += ["", p.h["skills"], "", *_skills(p, mark="; ")]
    if p.langs:
        out += ["", p.h["languages"], "", *_langs(p, "{0}: {1}")]
    if p.certs:
        out += ["", p.h["certs"], "", *p.certs]
    for title, lines in p.other:
        out += ["", title, "", *lines]
    return "\n".join(out)
