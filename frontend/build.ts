/* Bundle the page and its cards. The same sources give the same bytes, wherever they lie.

       node build.ts [FOLDER]
 */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { build, type Metafile } from "esbuild";

const here = import.meta.dirname;
const folder = resolve(process.argv[2] ?? join(here, "../custom_components/ykc/frontend"));

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { "ykc-panel": "src/panel.ts", "ykc-cards": "src/cards.ts" },
  chunkNames: "ykc-[hash]",
  outdir: folder,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  metafile: true,
});
await writeFile(join(folder, "LICENSES.txt"), await licences(metafile));

/** Return the licences of the packages that the bundle holds. */
async function licences({ inputs }: Metafile): Promise<string> {
  const packages = new Set(
    Object.keys(inputs).flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const texts = [...packages].sort().map(async (name) => {
    const root = join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    return `${name} ${version} (${license})\n\n${(await licence(root)).trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(72)}\n\n`);
}

async function licence(root: string): Promise<string> {
  for (const name of ["LICENSE", "LICENSE.md", "LICENSE.txt", "license"]) {
    try {
      return await readFile(join(root, name), "utf8");
    } catch {
      // Under another name.
    }
  }
  throw new Error(`${dirname(root)}: a package without a licence`);
}
