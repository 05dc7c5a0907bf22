#!/usr/bin/env python3
"""Checks one catalogue against the template: every text there, the same places like {name}.

Usage: catalogue.py TEMPLATE.pot XX.po [--complete]     --complete: nothing may be left untranslated
"""
import re
import subprocess
import sys


def entries(path):
    """(id, plural id or None) -> list of translations; the header and obsolete entries left out."""
    text = subprocess.run(['msgcat', '--no-wrap', '--no-location', path], check=True, capture_output=True,
                          encoding='utf-8').stdout
    found = {}
    for block in text.split('\n\n'):
        field, fields = None, {}
        for line in block.split('\n'):
            match = re.match(r'(msg\w+(?:\[\d\])?) (".*")$', line)
            if match:
                field = match[1]
                fields[field] = ''
            quoted = match[2] if match else line if line.startswith('"') else None
            if quoted and field:
                fields[field] += quoted[1:-1]
        if not fields.get('msgid'):
            continue
        fuzzy = any(line.startswith('#,') and 'fuzzy' in line for line in block.split('\n'))
        forms = [v for k, v in fields.items() if k.startswith('msgstr')]
        found[fields['msgid'], fields.get('msgid_plural')] = [''] if fuzzy else forms
    return found


def places(text):
    return set(re.findall(r'\{\w+\}', text))


def faults(template, catalogue, is_complete):
    for key in template.keys() - catalogue.keys():
        yield f'lacks "{key[0]}"'
    for key in catalogue.keys() - template.keys():
        yield f'has "{key[0]}", which no source says'
    for (one, many), forms in catalogue.items():
        if is_complete and not all(forms):
            yield f'does not translate "{one}"'
        for form in filter(None, forms):
            if places(form) not in (places(one), places(many or one)):
                yield f'has other places than "{many or one}": "{form}"'
            if '\\n' in form or form != form.strip():
                yield f'has white space at an end or a line feed: "{form}"'


def main():
    template, path = sys.argv[1:3]
    bad = sorted(faults(entries(template), entries(path), '--complete' in sys.argv[3:]))
    for fault in bad:
        print(f'{path}: {fault}')
    return bool(bad)


if __name__ == '__main__':
    sys.exit(main())
