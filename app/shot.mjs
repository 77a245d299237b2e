import {chromium} from "playwright-core";
const b=await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox","--disable-gpu"]});
const p=await b.newPage({viewport:{width:1240,height:800}});
for(const n of process.argv.slice(2)){await p.goto(`file:///tmp/app/exp/${n}.html`);await p.screenshot({path:`/tmp/app/exp/${n}.png`});}
await b.close();
