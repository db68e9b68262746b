"""What is asked of a page in the browser, by scripts that run in it.

Not a test file: `import browsing` in a test.
"""

from __future__ import annotations

from typing import Any

CONTRASTS = """() => {
  const canvas = document.createElement('canvas'); canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const parsed = colour => {
    pen.clearRect(0, 0, 1, 1); pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const luminance = c => [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
    const part = c[i] / 255; return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  }, 0);
  const paper = parsed(getComputedStyle(document.body).backgroundColor);
  const found = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('title, desc, script, .hidden, .skip')) continue;
    if (!element.checkVisibility({ contentVisibilityAuto: false })) continue;
    const style = getComputedStyle(element), ancestors = [];
    for (let one = element; one && one !== document.body; one = one.parentElement) ancestors.unshift(one);
    let behind = paper, opacity = 1;
    for (const one of ancestors) { const its = getComputedStyle(one); behind = over(parsed(its.backgroundColor), behind); opacity *= Number(its.opacity); }
    const ink = parsed(element.closest('svg') ? style.fill : style.color); ink[3] *= opacity;
    const [dark, light] = [luminance(over(ink, behind)), luminance(behind)].sort((a, b) => a - b);
    const ratio = (light + 0.05) / (dark + 0.05), large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) found.set(element.tagName + '.' + (element.className.baseVal ?? element.className), ratio.toFixed(2) + ': ' + walker.currentNode.data.trim().slice(0, 30));
  }
  return [...found].map(one => one.join(' '));
}"""
"""Texts whose contrast with what lies behind them is below WCAG 2 AA."""

TAB_STOP = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  return { tag: one.tagName, id: one.id, isSentence: one.classList.contains('s'), isBody: one === document.body,
           outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth) };
}"""
"""What has the focus, and how wide the ring around it is."""

SENTENCES = """() => [...document.querySelectorAll('article .s')].map(one => {
  const bare = one.cloneNode(true);
  bare.querySelectorAll('.chip, .told').forEach(node => node.remove());
  return { article: one.closest('article').id, start: Number(one.dataset.start), end: Number(one.dataset.end), text: bare.textContent,
           marked: [...one.querySelectorAll('.u')].map(mark => [Number(mark.dataset.technique), mark.textContent]) };
})"""
"""The characters of each sentence and of each of its marks, in order."""

UNNAMED = """() => [...document.querySelectorAll('a, button, input, summary, svg[role=img], [role=region], [role=group], table')].filter(one => {
  const told = (one.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean).map(id => document.getElementById(id)?.textContent || '').join('');
  const label = one.labels && one.labels.length ? one.labels[0].textContent : '';
  const own = one.tagName === 'TABLE' ? (one.caption?.textContent || one.closest('[role=region]')?.ariaLabel || '') : one.tagName === 'svg' ? '' : one.textContent;
  return !(told + label + (one.ariaLabel || '') + own).trim();
}).map(one => one.outerHTML.slice(0, 120))"""
"""Controls, charts and tables without a name."""


def until(page: Any, condition: str, *, seconds: float = 60) -> None:
    """Waits until a JavaScript expression holds; fails when it does not in time.

    The driver's own `wait_for_function` evaluates text inside the page, which the page's policy forbids.
    """
    page.evaluate(
        f"""() => new Promise((yes, no) => {{
          const end = Date.now() + {1000 * seconds};
          const ask = () => {{ if ({condition}) yes(); else if (Date.now() > end) no(new Error('not so in time')); else setTimeout(ask, 10); }};
          ask();
        }})"""
    )
