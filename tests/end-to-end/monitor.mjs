// The monitor's page in Chromium: signing in and out, live numbers, an endpoint, an invocation, no access
// for others, no scripts but its own, and a phone's width.
// Usage: node monitor.mjs BASE_URL PASSWORD [SCREENSHOTS]
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [base, password, screenshots] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), "countersign-monitor-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  viewport: { width: 1280, height: 900 },
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
const login = (identifier) =>
  fetch(`${base}/v1/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ identifier, password: "not the password" }),
  });

try {
  const page = await browser.newPage();
  const faults = [];
  let isRefusalExpected = false;
  page.on("console", (message) => {
    // The browser itself notes answers such as 401; the page shows them to people.
    const isAnswer = isRefusalExpected && message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isAnswer) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (origin !== base && protocol !== "data:") faults.push(`asked for ${request.url()}`);
  });
  const shoot = (name) => screenshots && page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
  const signIn = async (who, secret) => {
    await page.getByLabel("E-mail address or username").fill(who);
    await page.getByLabel("Password").fill(secret);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  const figure = async (name) => {
    const found = page.locator(".figure", { has: page.locator("dt", { hasText: new RegExp(`^${name}$`) }) });
    return Number((await found.locator("dd").textContent()).replaceAll(",", ""));
  };
  const until = async (what, is) => {
    for (let attempt = 0; attempt < 100; attempt++) {
      if (await is()) return;
      await page.waitForTimeout(100);
    }
    assert.fail(what);
  };

  const answer = await page.goto(`${base}/console/monitor`);
  assert.equal(answer.status(), 200);
  assert.ok(!answer.headers()["content-security-policy"].includes("unsafe"));
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await shoot("sign-in");

  isRefusalExpected = true;
  await signIn("watcher", "not the password");
  await page.getByRole("alert").filter({ hasText: /\w/ }).waitFor();
  await signIn("visitor", password);
  await page.getByText("Not for this account").waitFor();
  await shoot("forbidden");
  await page.getByRole("button", { name: "Sign in as somebody else" }).click();
  isRefusalExpected = false;

  await signIn("watcher", password);
  await page.getByRole("table", { name: "Endpoints" }).waitFor();
  await page.locator(".uplot canvas").first().waitFor();
  const before = await figure("Invocations");
  const refused = await figure("Refused");
  assert.ok(before > 0);
  for (let n = 0; n < 5; n++) assert.equal((await login("nobody-at-all")).status, 401);
  await until("the numbers rise by themselves", async () => (await figure("Refused")) >= refused + 5);
  assert.ok((await figure("Invocations")) >= before + 5);
  await shoot("overview");

  await page.getByLabel("Filter endpoints").fill("post /v1/login");
  const rows = page.getByRole("table", { name: "Endpoints" }).locator("tbody tr");
  await until("the filter leaves one", async () => (await rows.count()) === 1);
  await rows.first().getByRole("link").click();
  await page.getByRole("heading", { name: "POST /v1/login" }).waitFor();
  const invocations = page.getByRole("table", { name: "Invocations" }).locator("tbody tr");
  await page.getByLabel("Outcome").selectOption("refused");
  await until("only the refused ones are left", async () => {
    const outcomes = await invocations.locator("td:nth-child(2)").allTextContents();
    return outcomes.length >= 5 && outcomes.every((outcome) => outcome === "refused");
  });
  await shoot("endpoint");

  await invocations.first().getByRole("link").click();
  const line = page.locator(".log li").filter({ hasText: "answered" });
  await line.waitFor();
  assert.match(await page.locator("main").textContent(), /POST \/v1\/login/);
  await shoot("invocation");

  // A reload forgets the tokens: nothing of them is stored.
  const stored = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
  assert.deepEqual(stored, [0, 0, ""]);
  await page.reload();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();

  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${base}/console/monitor#/`);
  await signIn("watcher", password);
  await page.getByRole("table", { name: "Functions" }).waitFor();
  await page.locator(".uplot canvas").first().waitFor();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} pixels wider than a phone`);
  await shoot("phone-dark");

  const ended = page.waitForResponse(`${base}/v1/logout`);
  await page.getByRole("button", { name: "Sign out" }).click();
  assert.ok((await ended).ok());
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  assert.deepEqual(faults, [], "no error, and no other host");
  console.log("ok: the monitor shows what happens, live, to those who may see it");
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}
