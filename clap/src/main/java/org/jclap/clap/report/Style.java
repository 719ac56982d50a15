package org.jclap.clap.report;

/** The style sheets: one for drawings, which also goes into SVG files, and one for the page. */
final class Style {
    private Style() {}

    static final String CHART = """
            :root{--ink:#1c2127;--muted:#5f6975;--rule:#aeb6c0;--grid:#e8ebef;--paper:#fff;--accent:#2b63ad;--on:#fff}
            @media (prefers-color-scheme:dark){:root{--ink:#e4e7eb;--muted:#99a3af;--rule:#59636f;--grid:#282e36;\
            --paper:#15181c;--accent:#79aef0;--on:#10141a}}
            @media print{:root{--ink:#000;--muted:#444;--rule:#999;--grid:#ddd;--paper:#fff;--accent:#2b63ad;--on:#fff}}
            .chart{font:12px/1.3 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;\
            font-variant-numeric:tabular-nums;max-width:100%;height:auto;color:var(--ink);background:var(--paper)}
            .chart text{fill:var(--ink)}
            .chart .title{font-size:14px;font-weight:600}
            .chart .tick,.chart .name{fill:var(--muted)}
            .chart .tick{font-size:11px}
            .chart .strong{fill:var(--ink);font-weight:600}
            .chart .middle{text-anchor:middle}
            .chart .end{text-anchor:end}
            .chart .colored{fill:var(--c);fill:color-mix(in oklab,var(--c) 72%,var(--ink));font-weight:600}
            .chart .halo{paint-order:stroke;stroke:var(--paper);stroke-width:3.5px;stroke-linejoin:round}
            .chart .rule{stroke:var(--rule)}
            .chart .grid{stroke:var(--grid)}
            .chart .fit{stroke:var(--muted);stroke-width:1.5;stroke-dasharray:5 4}
            .chart .line{fill:none;stroke:var(--c);stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
            .chart .thin{stroke-width:1}
            .chart .fill{fill:var(--c)}
            .chart .points{fill:var(--c);fill-opacity:.75}
            .chart .whisker{stroke:var(--ink);stroke-width:1.2}
            .chart .frame{fill:none;stroke:var(--rule)}
            .chart .cell{fill:var(--accent);stroke:var(--grid);stroke-width:.5}
            .chart .cell:hover{stroke:var(--ink);stroke-width:1.5}
            .chart .shade{fill:var(--accent)}
            .chart .value{font-size:11px;text-anchor:middle;pointer-events:none}
            .chart .value.on{fill:var(--on)}
            .chart .group{transition:opacity .12s}
            .chart:has(.group:hover) .group:not(:hover){opacity:.18}
            """;

    static final String PAGE = """
            *{box-sizing:border-box}
            html{color-scheme:light dark;background:var(--paper);-webkit-text-size-adjust:100%}
            body{margin:0 auto;padding:2.5rem 1.25rem 4rem;max-width:760px;color:var(--ink);\
            font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
            h1{font-size:1.9rem;line-height:1.2;letter-spacing:-.015em;margin:0 0 .4rem}
            h2{font-size:1.25rem;line-height:1.3;letter-spacing:-.01em;margin:3rem 0 .8rem;padding-top:1rem;\
            border-top:1px solid var(--grid)}
            p,ul{max-width:66ch;margin:.7rem 0}
            .lead{font-size:1.1rem;color:var(--muted);margin:0 0 1.4rem}
            nav{margin:1.4rem 0 0;font-size:.92rem}
            nav a{margin-right:1.1rem;white-space:nowrap}
            a{color:var(--accent);text-decoration:none}
            a:hover{text-decoration:underline}
            dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.4rem;margin:1rem 0;font-size:.92rem}
            dt{color:var(--muted)}
            dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
            figure{margin:1.8rem 0;overflow-x:auto}
            figure>.chart{min-width:560px}
            figcaption{margin:.5rem 0 0;font-size:.88rem;color:var(--muted);max-width:74ch}
            figcaption b{color:var(--ink);font-weight:600}
            .table figcaption{margin:0 0 .5rem}
            table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums}
            th,td{padding:.3rem 1.3rem .3rem 0;text-align:left;vertical-align:baseline}
            th:last-child,td:last-child{padding-right:0}
            th{font-weight:600;color:var(--muted);border-bottom:1px solid var(--rule);white-space:nowrap}
            tbody tr+tr td{border-top:1px solid var(--grid)}
            .number{text-align:right;white-space:nowrap}
            .best{font-weight:700;color:var(--accent)}
            footer{margin-top:4rem;font-size:.82rem;color:var(--muted)}
            @media (max-width:520px){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}
            @media print{body{max-width:none;padding:0;font-size:10.5pt}nav{display:none}\
            figure,tr{break-inside:avoid}h2{break-after:avoid}figure>.chart{min-width:0}*{print-color-adjust:exact;\
            -webkit-print-color-adjust:exact}@page{margin:18mm}}
            """;
}
