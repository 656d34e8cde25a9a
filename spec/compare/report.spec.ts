import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { renderReport, type Comparison, type Measurement } from 'forkpool/bench';
import {
  beyondTheEdge,
  hiddenOfTable,
  lineColours,
  plotsOfPage,
  textsOfPlots,
  widthsOfBars,
} from '../fixtures/page-checks.js';
import { leavesNoChild, temporaryFiles, where } from '../helpers.js';

leavesNoChild();

const comparison = JSON.parse(
  readFileSync(new URL('../fixtures/comparison.json', import.meta.url), 'utf8'),
) as Comparison;

describe('renderReport', () => {
  it('makes one page that needs no script and no network', async () => {
    const page = await renderReport(comparison);
    expect(page).not.toMatch(/<script|<link|<img|@import|\b(?:src|href)="(?!#)/i);
    expect(
      [...page.matchAll(/https?:[^"'\s<]*/g)].map(String).filter((url) => !url.startsWith('http://www.w3.org/')),
    ).toEqual([]);
  });

  it('says the verdict, and has a row for each contender', async () => {
    const page = await renderReport(comparison);
    expect(page).toContain(comparison.verdict.text);
    for (const { name } of comparison.contenders) expect(page).toContain(`<td>${name}</td>`);
  });

  it.each([
    ['in every round', 0, [0, 0, 0]],
    ['in one round', 1.5, [0, 1.5, 1.6]],
    ['one at a time in every round', 0, []],
  ])(
    'draws a plot where every task failed %s, with a speed-up too far for a linear axis',
    async (_title, speedup, speedups) => {
      const [first, ...rest] = comparison.contenders as [Measurement, ...Measurement[]];
      const far = { ...first, name: 'AsyncPool of 64', speedup: 20, speedups: [19, 20, 21] };
      const page = await renderReport({ ...comparison, contenders: [{ ...first, speedup, speedups }, far, ...rest] });
      expect(page).toContain('times one at a time');
      expect(page).not.toMatch(/NaN|Infinity/);
    },
  );

  it('shows texts as they are, whatever is in them', async () => {
    const first = { item: 0, name: 'item 0', error: 'Error: <script>alert("&")</script>' };
    const oneAtATime = { ...comparison.oneAtATime, failures: { failed: 1, of: 2, first } };
    const page = await renderReport({ ...comparison, oneAtATime, function: '<b>f</b>' });
    expect(page).toContain('&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;');
    expect(page).not.toContain('<b>');
  });
});

/** As Linux distributions, and the installers of macOS and Windows, put them. */
const CHROMIUM = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  String.raw`C:\Program Files\Google\Chrome\Application\chrome.exe`,
].find((path) => path !== '' && existsSync(path));

if (CHROMIUM === undefined) console.warn('No Chromium is installed: how the report looks is not checked');

where(CHROMIUM !== undefined, 'no Chromium is installed').describe('a report in a browser', () => {
  const file = temporaryFiles();
  let browser: Browser;
  let html: string;
  beforeAll(async () => {
    html = await renderReport(comparison);
    // Chromium's own walls need a user that is not root.
    browser = await chromium.launch({ executablePath: CHROMIUM as string, args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());

  async function opened(width: number, colorScheme: 'light' | 'dark'): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    await page.setContent(html);
    return page;
  }

  describe.each([
    [1280, 'light'],
    [1280, 'dark'],
    [400, 'light'],
    [400, 'dark'],
  ] as const)('%i px wide and %s', (width, scheme) => {
    let page: Page;
    beforeAll(async () => {
      page = await opened(width, scheme);
      await page.screenshot({ path: file(`report-${width}-${scheme}.png`), fullPage: true });
    });
    afterAll(() => page.close());

    it('draws every plot', async () => {
      const plots = await page.evaluate(plotsOfPage);
      expect(plots).toHaveLength(3);
      for (const { marks, visible, broken } of plots) {
        expect(marks).toBeGreaterThan(1);
        expect(visible).toBe(true);
        expect(broken).toBe(0);
      }
    });

    it('has a bar for the task times of each contender', async () => {
      const widths = await page.evaluate(widthsOfBars);
      expect(widths).toHaveLength(comparison.contenders.length + 1);
      expect(widths.filter((each) => each > 5).length).toBeGreaterThan(comparison.contenders.length / 2);
    });

    it('gives each kind of pool a colour of its own', async () => {
      const colours = await page.evaluate(lineColours);
      expect(new Set(colours).size).toBe(3);
      expect(colours.every((colour) => colour.startsWith('rgb('))).toBe(true);
    });

    it('overflows nowhere', async () => {
      expect(await page.evaluate(beyondTheEdge)).toEqual([]);
    });

    it('shows the whole table where there is room for it', async () => {
      const hidden = await page.evaluate(hiddenOfTable);
      if (width > 1000) expect(hidden).toBe(0);
    });

    it('keeps the texts of a plot inside of it, and large enough to read', async () => {
      const texts = await page.evaluate(textsOfPlots);
      expect(texts.length).toBeGreaterThan(20);
      expect(texts.filter(({ inside, size }) => !inside || size < 8)).toEqual([]);
    });
  });
});
